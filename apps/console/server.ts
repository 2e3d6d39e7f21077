// The console's process: settings in, control plane and pages made, one socket opened in front of both; and the other way round at the
// end. `npm start` runs it under a pipe; when that closes, or on SIGTERM, it stops within ten seconds.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createControl, type Control } from '@sluice/control';
import pino from 'pino';
import { prepareForNext, settingsOrExit, supervisedByPipe, type ConsoleSettings } from './env.ts';
import { frontDoor } from './src/front-door/front-door.ts';
import { listen, type Listening } from './src/front-door/listen.ts';
import { trustedProxies } from './src/front-door/peer.ts';
import { nextPages } from './src/front-door/pages-of-next.ts';

/** Nothing that ends may keep the process longer. */
const lastMomentMs = 9_500;

const settings = settingsOrExit();
prepareForNext();
const log = pino({ base: { part: 'console' }, redact: ['*.authorization', '*.cookie', '*.password', '*.token'] });
const version = (JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** Where no public address is set: the address on which we listen, as a browser on this machine writes it. */
function localOrigin({ bind, consolePort, tls }: ConsoleSettings): string {
  const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind;
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${consolePort}`;
}

async function startControl(): Promise<Control> {
  const control = await createControl({
    consoleDatabaseUrl: settings.consoleDatabaseUrl,
    kek: settings.key,
    oldKeks: settings.oldKey === null ? [] : [settings.oldKey],
    sessionSecret: settings.sessionSecret,
    localToken: settings.localToken,
    publicUrl: settings.publicUrl ?? localOrigin(settings),
    egress: settings.egress,
    demo: settings.demo,
    version,
    log,
    requestRates: {
      perAddress: settings.requestsPerAddress,
      perSession: settings.requestsPerSession,
      perKey: settings.requestsPerKey,
    },
  });
  if (!(await control.startUp.keyFits())) {
    process.stderr.write('SLUICE_KEY is not the key that this database was set up with; nothing was changed\n');
    process.exit(1);
  }
  await control.startUp.seedFirstStart();
  if (settings.owner) await control.startUp.ensureOwner(settings.owner);
  return control;
}

async function openFrontDoor(control: Control, closing: AbortController): Promise<Listening> {
  const pages = await nextPages(import.meta.dirname, createRequire(import.meta.url));
  return listen({
    host: settings.bind,
    port: settings.consolePort,
    tls: settings.tls,
    closing,
    onRequest: frontDoor({
      publicUrl: settings.publicUrl,
      tls: settings.tls !== null,
      trusted: trustedProxies(settings.trustedProxies ?? []),
      handle: (request, peer) => control.handle(request, peer),
      signedIn: async (request, peer) => (await control.actorOf(request, peer)) !== null,
      page: pages,
      closing: closing.signal,
      logError: (error, what) => log.error({ err: error }, what),
    }),
  });
}

function endWith(control: Control, door: Listening): void {
  let ending = false;
  const end = (why: string): void => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'the console is stopping');
    setTimeout(() => process.exit(0), lastMomentMs).unref();
    void door
      .close()
      .then(() => control.close())
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        log.error({ err: error }, 'the console did not stop cleanly');
        process.exit(1);
      });
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  if (!supervisedByPipe()) return;
  process.stdin.on('end', () => end('the supervisor is gone'));
  process.stdin.on('error', () => end('the supervisor is gone'));
  process.stdin.resume();
}

try {
  const closing = new AbortController();
  const control = await startControl();
  const door = await openFrontDoor(control, closing);
  endWith(control, door);
  log.info({ port: door.port, bind: settings.bind, version }, 'the console is ready');
} catch (error) {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (taken) process.stderr.write(`port ${settings.consolePort} is taken; SLUICE_CONSOLE_PORT changes it\n`);
  else log.error({ err: error }, 'the console could not start');
  process.exit(1);
}
