// How Next builds the pages. It neither listens nor answers /api: server.ts, the front door, does (docs/adr/0004-front-door.md). The
// repository's root is named, so that workspace packages resolve the same in every checkout.
import type { NextConfig } from 'next';

const root = new URL('../..', import.meta.url).pathname;

export default {
  poweredByHeader: false,
  reactStrictMode: true,
  // The front door's own headers are the only ones; compression is left to a proxy, since it would buffer event streams.
  compress: false,
  outputFileTracingRoot: root,
  turbopack: { root },
  transpilePackages: ['@sluice/contract', '@sluice/control'],
  // Types are checked by `npm run check`, not again on every operator's machine.
  typescript: { ignoreBuildErrors: true },
  // Links to the page that was Activity until its two halves had pages of their own.
  redirects: () =>
    Promise.resolve([
      { source: '/activity', has: [{ type: 'query', key: 'view', value: 'audit' }], destination: '/audit', permanent: true },
      { source: '/activity', destination: '/config', permanent: true },
    ]),
} satisfies NextConfig;
