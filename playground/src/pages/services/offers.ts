/** What can be rented, of whatever kind, in one form. */

export const kinds = ['mr', 'render', 'vpn'] as const;

export type Kind = (typeof kinds)[number];

export const kindNames: Readonly<Record<Kind, string>> = { mr: 'Machine rental', render: 'Render', vpn: 'VPN' };

export function isKind(text: string): text is Kind {
  return (kinds as readonly string[]).includes(text);
}

/** One node, as far as whoever rents it has to know it. */
export interface Offer {
  readonly kind: Kind;
  readonly nodeId: number;
  /** What it is, in words. */
  readonly title: string;
  readonly place: string;
  /** What it costs, in words. */
  readonly price: string;
}
