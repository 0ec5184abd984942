/** Changes responses as a changed API might send them. They are changed as text, so that no digit is lost. */

const changes: readonly (readonly [pattern: RegExp, becomes: string])[] = [
  [/"node_id":(\d+)/g, '"node_id":$1,"surprise":{"since":"yesterday"}'],
  [/"city":"[^"]*"/g, '"city":null'],
  [/"net_up_mbits":[\d.]+/g, '"net_up_mbits":"fast"'],
  [/"stability":[\d.]+/g, '"stability":["high"]'],
  [/"market_price":([\d.]+)/g, '"market_price":"$1"'],
  [/"category":"[^"]*"/g, '"category":42'],
  [/"ref_code":"[^"]*",?/g, ''],
];

/** Changes the text of a response. */
export function drifted(text: string): string {
  return changes.reduce((changed, [pattern, becomes]) => changed.replace(pattern, becomes), text);
}
