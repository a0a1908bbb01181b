/** A copy that lacks one field. */
export function without<T extends object, K extends keyof T>(object: T, field: K): Omit<T, K> {
  const copy = { ...object };
  Reflect.deleteProperty(copy, field);
  return copy;
}
