// Who may import whom: the table of the architecture as data. A workspace that is not listed here does not pass; a package that is not
// listed for a workspace is an error there, even when it happens to be installed.

export type WorkspaceRule = {
  /** Folder below the root. */
  folder: string;
  /** Workspace packages, by the specifiers that may be imported. */
  workspaces: readonly string[];
  /** Workspace packages of which only types may be imported. */
  typesOf?: readonly string[];
  /** Packages from the registry, by name. */
  packages: readonly string[];
};

const contract = [
  '@sluice/contract',
  '@sluice/contract/api',
  '@sluice/contract/settings',
  '@sluice/contract/content-root',
  '@sluice/contract/audit-chain',
];
const control = ['@sluice/control', '@sluice/control/router', '@sluice/control/demo', '@sluice/control/demo/brands'];

export const workspaceRules: readonly WorkspaceRule[] = [
  {
    folder: 'apps/console',
    workspaces: [...control, ...contract],
    packages: [
      '@tanstack/react-query',
      '@tanstack/react-table',
      '@trpc/client',
      '@trpc/server',
      '@trpc/tanstack-react-query',
      'class-variance-authority',
      'clsx',
      'geist',
      'lucide-react',
      'next',
      'next-themes',
      'nuqs',
      'pino',
      'radix-ui',
      'react',
      'react-dom',
      'recharts',
      'uqr',
      'tailwind-merge',
      'zod',
    ],
  },
  {
    folder: 'apps/mta',
    workspaces: ['@sluice/engine', '@sluice/engine/host', '@sluice/engine/events', '@sluice/plane', '@sluice/plane/engine', ...contract],
    packages: ['pino', 'prom-client', 'selfsigned'],
  },
  {
    folder: 'apps/sluice',
    // engine/node-flags: how the supervisor runs the engine's process, without loading the engine.
    workspaces: [
      ...control,
      '@sluice/db',
      '@sluice/db/embedded',
      '@sluice/plane',
      '@sluice/plane/console',
      '@sluice/client',
      '@sluice/isp-simulator',
      '@sluice/engine/node-flags',
      '@sluice/engine/offline',
      ...contract,
    ],
    packages: ['commander', 'nodemailer'],
  },
  {
    folder: 'packages/control',
    workspaces: [...contract, '@sluice/policy', '@sluice/plane', '@sluice/plane/console', '@sluice/db', '@sluice/providers'],
    packages: ['@node-rs/argon2', '@trpc/server', 'better-auth', 'nodemailer', 'uuid', 'yaml', 'zod'],
  },
  { folder: 'packages/engine', workspaces: [...contract, '@sluice/policy'], packages: ['dns-packet', 'smtp-server', 'uuid'] },
  { folder: 'packages/plane', workspaces: contract, packages: ['pg'] },
  { folder: 'packages/policy', workspaces: contract, packages: ['re2js'] },
  { folder: 'packages/providers', workspaces: contract, packages: [] },
  { folder: 'packages/client', workspaces: contract, typesOf: ['@sluice/control/router'], packages: ['@trpc/client'] },
  {
    folder: 'packages/isp-simulator',
    workspaces: [...contract, '@sluice/providers'],
    packages: ['@peculiar/x509', 'dns-packet', 'reflect-metadata', 'smtp-server', 'zod'],
  },
  { folder: 'packages/contract', workspaces: [], packages: ['zod'] },
  { folder: 'packages/bench', workspaces: [...contract, '@sluice/client', '@sluice/isp-simulator'], packages: ['pg', 'selfsigned'] },
  { folder: 'prisma', workspaces: [], packages: ['@prisma/adapter-pg', '@prisma/client', 'pg', 'prisma'] },
  {
    folder: 'e2e',
    // db/embedded: a drill stops and starts the bundled Postgres under a running installation. engine/testing: the power-cut drill.
    // engine/offline: scenarios read the accounting log of an engine that has no Postgres. plane: they seal its secrets. db/testing and
    // plane/console: a drill changes the configuration of an engine that has Postgres and no console. policy, providers: the closed-loop
    // drill limits its rivals and knows what providers say. engine/node-flags: drills run engines of their own as the supervisor does.
    workspaces: [
      ...contract,
      '@sluice/client',
      '@sluice/isp-simulator',
      '@sluice/bench/installation',
      '@sluice/bench/main',
      '@sluice/bench/postfix-instance',
      '@sluice/db/embedded',
      '@sluice/db/testing',
      '@sluice/engine/node-flags',
      '@sluice/engine/offline',
      '@sluice/engine/testing',
      '@sluice/plane',
      '@sluice/policy',
      '@sluice/providers',
      '@sluice/plane/console',
    ],
    packages: ['@axe-core/playwright', '@playwright/test', 'nodemailer', 'pg', 'quicktype-core', 'vitest', 'zod'],
  },
];

/** What tests may import on top: the simulator, the doubles of the ports, and what their own workspace has for development. */
export const testExtras = {
  workspaces: ['@sluice/isp-simulator', '@sluice/engine/testing', '@sluice/db', '@sluice/db/testing', '@sluice/plane/engine'],
  packages: ['vitest', 'mailauth', 'nodemailer', 'pg', 'selfsigned'],
};

/** Workspaces without any I/O: of Node itself they may use only what computes. */
export const pureWorkspaces = ['packages/contract', 'packages/policy', 'packages/providers'];
export const pureBuiltins = ['node:buffer', 'node:crypto', 'node:net', 'node:util'];

/** Files under 'use client' run in the browser: of the control plane they may know types only. */
export const browserAllows = { workspaces: contract, typesOf: control };
