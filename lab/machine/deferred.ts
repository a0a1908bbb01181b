/** A promise that is settled from outside. (`Promise.withResolvers` is in Node 24, but not yet in our `lib`.) */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = unset;
  reject: (error: Error) => void = unset;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever wants to know awaits it; nobody has to.
    this.promise.catch(() => undefined);
  }
}

function unset(): never {
  throw new Error("a promise's executor runs before its constructor returns");
}
