// Samples go to the stage of the nearest function of ours; idle time belongs to none.
import { expect, test } from 'vitest';
import { stageShares } from './stages.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });

test('a native call counts for the function of ours that made it, and what has none above it for the runtime', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 4, 5, 6] },
      { id: 2, callFrame: frame('write', 'file:///x/packages/engine/src/deliver/connection.ts'), children: [3] },
      { id: 3, callFrame: frame('writeGeneric', 'node:net') },
      { id: 4, callFrame: frame('onStreamRead', 'node:internal/stream_base_commons') },
      { id: 5, callFrame: frame('(garbage collector)') },
      { id: 6, callFrame: frame('(idle)') },
    ],
    samples: [2, 3, 4, 5, 6],
    timeDeltas: [10, 20, 20, 50, 900],
  };
  expect(stageShares(profile)).toMatchObject({ send: 0.3, 'sockets and timers': 0.2, garbage: 0.5, receive: 0, other: 0 });
});

test('signing is told from the other work on messages', () => {
  const of = (url: string) => stageShares({ nodes: [{ id: 1, callFrame: frame('f', url) }], samples: [1], timeDeltas: [1] });
  expect(of('file:///x/packages/engine/src/message/signer.ts').sign).toBe(1);
  expect(of('file:///x/packages/engine/src/message/body-hash.ts').receive).toBe(1);
});
