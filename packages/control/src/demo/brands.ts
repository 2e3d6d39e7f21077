// Who sends in the demonstration: invented brands under the reserved top-level domain, their streams, and the addresses they send from.
// RFC 2606 section 2.
export interface DemoStream {
  readonly name: string;
  readonly pool: 'transactional' | 'bulk';
  readonly weight: number;
  /** Domain of From and envelope sender. */
  readonly domain: string;
  readonly from: string;
  readonly subjects: readonly string[];
  /** Share of the demonstration's traffic, relative to the other streams. */
  readonly share: number;
}

export interface DemoBrand {
  readonly name: string;
  readonly slug: string;
  readonly streams: readonly DemoStream[];
}

const transactional = { name: 'transactional', pool: 'transactional', weight: 30 } as const;
const bulk = { name: 'bulk', pool: 'bulk', weight: 10 } as const;

export const brands: readonly DemoBrand[] = [
  {
    name: 'Halden Outfitters',
    slug: 'halden-outfitters',
    streams: [
      {
        ...transactional,
        domain: 'halden-outfitters.example',
        from: 'orders',
        subjects: ['Your order is on its way', 'Your receipt', 'Sign-in code'],
        share: 4,
      },
      {
        ...bulk,
        domain: 'news.halden-outfitters.example',
        from: 'hello',
        subjects: ['Autumn jackets are here', 'Members: early access'],
        share: 5,
      },
    ],
  },
  {
    name: 'Pepperleaf Kitchen',
    slug: 'pepperleaf-kitchen',
    streams: [
      {
        ...transactional,
        domain: 'pepperleaf.example',
        from: 'table',
        subjects: ['Your table is booked', 'Your booking changed'],
        share: 2,
      },
      {
        ...bulk,
        domain: 'letters.pepperleaf.example',
        from: 'chef',
        subjects: ['Three soups for November', 'What we cook this week'],
        share: 3,
      },
    ],
  },
  {
    name: 'Quillmark Books',
    slug: 'quillmark-books',
    streams: [
      { ...transactional, domain: 'quillmark.example', from: 'shop', subjects: ['Your books have shipped', 'Password changed'], share: 2 },
    ],
  },
];

/** What a source of the demonstration says in EHLO; the sandbox's DNS knows it. */
export const demoEhloName = (source: string): string => `${source}.sluice.example`;

export const demoSources = [
  { name: 'tx-1', address: '127.0.10.1', pool: 'transactional' },
  { name: 'tx-2', address: '127.0.10.2', pool: 'transactional' },
  { name: 'bulk-1', address: '127.0.20.1', pool: 'bulk' },
  { name: 'bulk-2', address: '127.0.20.2', pool: 'bulk' },
] as const;
