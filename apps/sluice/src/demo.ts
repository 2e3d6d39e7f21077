// The sample traffic of `npm start -- --demo`: a small sender, with credentials like any other's, until the supervisor ends.
import { readFileSync } from 'node:fs';
import type { DemoCredential } from '@sluice/control';
import { runTraffic } from '@sluice/control/demo';
import { commandArguments } from './env.ts';
import { followSupervisor } from './supervisor/line.ts';

const ratePerSecond = 4;
const [host = '127.0.0.1', port = '2525', credentialsFile = ''] = commandArguments;
// Written by set-up.
const credentials = JSON.parse(readFileSync(credentialsFile, 'utf8')) as DemoCredential[];
const ending = new AbortController();
followSupervisor({ onEnd: () => ending.abort() });
const onError = (error: Error): void => void process.stdout.write(`${JSON.stringify({ level: 40, msg: error.message })}\n`);
const counts = await runTraffic({ smtp: { host, port: Number(port) }, credentials, ratePerSecond, signal: ending.signal, onError });
process.stdout.write(`${JSON.stringify({ level: 30, msg: 'the sample traffic has ended', ...counts })}\n`);
process.exit(0);
