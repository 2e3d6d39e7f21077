// crash: nothing that was answered 250 is lost, whatever is killed: power cut at random writes, kill -9 under load, order of fdatasync and 250.
//
// Usage: npm run drill -- crash [--points 200] [--kills 20] [--accepts 1000]
import { parseArgs } from 'node:util';
import { runAcceptOrder } from './crash/accept-order.ts';
import { runKills } from './crash/kill-under-load.ts';
import { runPowerCut } from './crash-power-cut.ts';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '200' },
    kills: { type: 'string', default: '20' },
    accepts: { type: 'string', default: '1000' },
  },
});

const power = await runPowerCut({ seed: 'crash', points: Number(values.points) });
process.stderr.write(`power cut: ${JSON.stringify(power)}\n`);
const order = await runAcceptOrder(Number(values.accepts));
process.stderr.write(`order: ${JSON.stringify(order)}\n`);
const kills = await runKills(Number(values.kills));

const holds =
  power.lost === 0 &&
  power.torn === 0 &&
  power.undone === 0 &&
  kills.lost === 0 &&
  order?.outOfOrder === 0 &&
  order.accepts >= Number(values.accepts);
process.stdout.write(`${JSON.stringify({ drill: 'crash', holds, power, order, kills })}\n`);
process.exit(holds ? 0 : 1);
