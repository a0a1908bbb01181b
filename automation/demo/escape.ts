/** Text as HTML shows it, in elements and attributes. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${String(letter.charCodeAt(0))};`);
}
