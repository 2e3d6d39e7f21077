// Every import rule is broken once here, so that a green check is known to have read something.
import { describe, expect, test } from 'vitest';
import { checkFile, importsOf } from './imports.ts';

const messages = (file: string, source: string): string[] => checkFile(file, source).map((violation) => violation.message);

describe('refused', () => {
  const cases: [name: string, file: string, source: string, message: RegExp][] = [
    ['the engine knows no Postgres', 'packages/engine/src/x.ts', "import pg from 'pg';", /engine may not import the package pg/],
    ['the engine knows no plane', 'packages/engine/src/x.ts', "import { a } from '@sluice/plane';", /may not import @sluice\/plane/],
    [
      'the engine process reaches no Prisma',
      'apps/mta/src/x.ts',
      "import { PrismaClient } from '@prisma/client';",
      /the package @prisma\/client/,
    ],
    [
      'the engine process reaches no control plane',
      'apps/mta/src/x.ts',
      "export * from '@sluice/control';",
      /may not import @sluice\/control/,
    ],
    ['the console holds no SQL', 'apps/console/src/x.ts', "import { createClient } from '@sluice/db';", /may not import @sluice\/db/],
    [
      'the console reaches no plane',
      'apps/console/src/x.ts',
      "await import('@sluice/plane/console');",
      /may not import @sluice\/plane\/console/,
    ],
    [
      'the command line uses the engine offline only',
      'apps/sluice/src/x.ts',
      "import { e } from '@sluice/engine';",
      /may not import @sluice\/engine/,
    ],
    [
      'control does not know the engine',
      'packages/control/src/x.ts',
      "import type { E } from '@sluice/engine';",
      /may not import @sluice\/engine/,
    ],
    ['the plane is plain pg', 'packages/plane/src/x.ts', "import { z } from 'zod';", /may not import the package zod/],
    ['policy depends on contract alone', 'packages/policy/src/x.ts', "import { z } from 'zod';", /may not import the package zod/],
    [
      'providers are data',
      'packages/providers/src/x.ts',
      "import { readFileSync } from 'node:fs';",
      /does no I\/O and may not import node:fs/,
    ],
    ['contract does no I/O', 'packages/contract/src/x.ts', "import { connect } from 'node:http';", /does no I\/O/],
    [
      'the simulator knows no policy',
      'packages/isp-simulator/src/x.ts',
      "import { l } from '@sluice/policy';",
      /may not import @sluice\/policy/,
    ],
    [
      'the client loads nothing of control',
      'packages/client/src/x.ts',
      "import { appRouter } from '@sluice/control/router';",
      /only types/,
    ],
    [
      'the database package is Prisma and pg',
      'prisma/src/x.ts',
      "import { a } from '@sluice/contract';",
      /may not import @sluice\/contract/,
    ],
    [
      'end-to-end tests stay outside',
      'e2e/delivery/x.test.ts',
      "import { appRouter } from '@sluice/control';",
      /may not import @sluice\/control/,
    ],
    ['benches stay outside', 'packages/bench/src/x.ts', "import { e } from '@sluice/engine';", /may not import @sluice\/engine/],
    ['no way around by path', 'packages/engine/src/x.ts', "import { a } from '../../plane/src/index.ts';", /reaches out of its workspace/],
    [
      'no test double in the product',
      'packages/control/src/x.ts',
      "import { c } from '@sluice/db/testing';",
      /may not import @sluice\/db\/testing/,
    ],
    [
      'browser code knows only types of control',
      'apps/console/src/x.tsx',
      "'use client';\nimport { appRouter } from '@sluice/control';",
      /only types/,
    ],
    ['browser code has no Node', 'apps/console/src/x.tsx', "'use client';\nimport { join } from 'node:path';", /runs in the browser/],
    ['builtins carry their prefix', 'apps/mta/src/x.ts', "import fs from 'fs';", /without the node: prefix/],
    ['no computed import in the product', 'apps/mta/src/x.ts', 'await import(name);', /computed/],
    ['a new workspace needs rules', 'packages/shared/src/x.ts', 'export {};', /without import rules/],
  ];
  test.each(cases)('%s', (_, file, source, message) => {
    expect(messages(file, source)).toEqual([expect.stringMatching(message)]);
  });
});

describe('allowed', () => {
  const cases: [name: string, file: string, source: string][] = [
    ['what the table lists', 'packages/control/src/x.ts', "import { a } from '@sluice/plane/console';\nimport { z } from 'zod';"],
    ['types of the router in the client', 'packages/client/src/x.ts', "import type { AppRouter } from '@sluice/control/router';"],
    [
      'types of control in the browser',
      'apps/console/src/x.tsx',
      "// a page\n'use client';\nimport type { AppRouter } from '@sluice/control';",
    ],
    [
      'the simulator and doubles in tests',
      'packages/control/src/x.int.test.ts',
      "import { s } from '@sluice/isp-simulator';\nimport { c } from '@sluice/db/testing';",
    ],
    ['what a comment only mentions', 'packages/engine/src/x.ts', "// import pg from 'pg';\n/* import('pg') */"],
    ['files of the same workspace', 'packages/engine/src/queue/x.ts', "import { a } from '../ports.ts';"],
  ];
  test.each(cases)('%s', (_, file, source) => {
    expect(messages(file, source)).toEqual([]);
  });
});

test('imports are found in every form, with their lines', () => {
  const source = "import 'a';\nimport {\n  b,\n} from 'b';\nexport type { C } from 'c';\nconst d = await import('d');\n";
  expect(importsOf(source)).toEqual([
    { specifier: 'a', typeOnly: false, line: 1 },
    { specifier: 'b', typeOnly: false, line: 4 },
    { specifier: 'c', typeOnly: true, line: 5 },
    { specifier: 'd', typeOnly: false, line: 6 },
  ]);
});
