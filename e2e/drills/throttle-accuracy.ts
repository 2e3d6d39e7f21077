import { parseArgs } from 'node:util';
import { runWire } from './throttle/wire-part.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '32' }, pause: { type: 'string', default: '5' } } });
const wire = await runWire({ seconds: Number(values.seconds), pauseSeconds: Number(values.pause) });
for (const line of wire.limits) process.stderr.write(`${JSON.stringify(line)}\n`);
process.stdout.write(
  `${JSON.stringify({ drill: 'throttle-accuracy', holds: wire.holds, events: wire.events, receiverDelayMaxMs: wire.receiverDelayMaxMs })}\n`,
);
process.exitCode = wire.holds ? 0 : 1;
