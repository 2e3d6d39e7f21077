// large-messages: forty messages of 25 MB at once, in and out, cost the engine a part of each and no more, and every octet arrives.
//
// Usage: npm run drill -- large-messages [--messages 40] [--megabytes 25] [--limit-mb 300]
import { parseArgs } from 'node:util';
import { runLarge } from './large/large-run.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '40' },
    megabytes: { type: 'string', default: '25' },
    'limit-mb': { type: 'string', default: '300' },
  },
});
const figures = await runLarge({ count: Number(values.messages), megabytes: Number(values.megabytes) });
const limitMb = Number(values['limit-mb']);
const holds = figures.arrived === figures.messages && Math.max(figures.inMb, figures.outMb) - figures.idleMb <= limitMb;
process.stdout.write(`${JSON.stringify({ drill: 'large-messages', holds, limitMb, ...figures })}\n`);
process.exitCode = holds ? 0 : 1;
