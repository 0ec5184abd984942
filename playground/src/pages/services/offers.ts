/** Machines, render nodes and relays in one form. */

export const kinds = ['mr', 'render', 'vpn'] as const;

export type Kind = (typeof kinds)[number];

export const kindNames: Readonly<Record<Kind, string>> = { mr: 'Machine rental', render: 'Render', vpn: 'VPN' };

export function isKind(text: string): text is Kind {
  return (kinds as readonly string[]).includes(text);
}

/** The facts about a node that its renter needs. */
export interface Offer {
  readonly kind: Kind;
  readonly nodeId: number;
  /** Description. */
  readonly title: string;
  readonly place: string;
  /** Price as text. */
  readonly price: string;
}
