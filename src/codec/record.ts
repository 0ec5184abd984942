/** Whether a value is an object with fields, and not a list or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an object whose properties are its data. Those of a Map, a Promise or a Date are not. */
export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  return /^\[object (?:Object|Module)\]$/.test(Object.prototype.toString.call(value));
}
