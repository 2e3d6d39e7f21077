// The fuzz as a program of its own, for the drill: throw-away Postgres, control plane, world, inputs; its figures as one JSON line.
import { cloneDatabase, startTestCluster } from '@sluice/db/testing';
import { startTestControl } from '../control.ts';
import { makeWorld } from '../world.ts';
import { fuzz } from './fuzz.ts';

const [seed = '1', inputs = '10000'] = process.argv.slice(2);
const { cluster, stop } = await startTestCluster();
try {
  const it = await startTestControl({ database: await cloneDatabase(cluster) });
  try {
    await makeWorld(it);
    await it.control.startUp.ensureOwner({ email: 'first@sluice.example', password: 'correct horse battery staple' });
    const startedAt = performance.now();
    const figures = await fuzz(it, { seed: Number(seed), inputs: Number(inputs) });
    const unexpected = it.unexpected();
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    process.stdout.write(
      `${JSON.stringify({ ...figures, unexpected: unexpected.slice(0, 20), unexpectedLines: unexpected.length, seconds })}\n`,
    );
  } finally {
    await it.close();
  }
} finally {
  await stop();
}
