/**
 * A telephone number as a screen that many people see may show it: the last three digits, as in the service's logs.
 * What is no number, such as `erased`, stays as it is.
 */
export function masked(number: string): string {
  return /^\+?\d{5,}$/.test(number) ? `··· ${number.slice(-3)}` : number;
}

/** A telephone number in groups of three digits, from its end: `+420 601 123 456`. */
export function grouped(number: string): string {
  if (!/^\+?\d{5,}$/.test(number)) return number;
  return number.replace(/(\d)(?=(\d{3})+$)/g, "$1\u00a0");
}
