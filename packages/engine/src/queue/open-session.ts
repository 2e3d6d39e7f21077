// One connect of a path, from the look-up of its hosts to a session, or why there is none. Never rejects.
import type { LimitToken } from '@sluice/policy';
import type { DeliverySession, PathFailure } from '../ports.ts';
import { departing } from './departing.ts';
import { ownFailure } from './path-failure.ts';
import type { ReadyPath } from './ready-path.ts';
import type { Worker } from './worker.ts';

type Opened = { ok: true; session: DeliverySession } | { ok: false; failure: PathFailure };

/** `begun`: what was reserved of the rate at which connections are begun. */
export async function openSession(worker: Worker, path: ReadyPath, begun: LimitToken, draining: () => boolean): Promise<Opened> {
  try {
    const { settings, source } = path.egress;
    if (settings.addressFamily !== 'source' && settings.addressFamily !== `ipv${source.family}`)
      return {
        ok: false,
        failure: ownFailure('network', `only ${settings.addressFamily} is set here, and the source is IPv${source.family}`),
      };
    const found = await worker.router.hosts(path.route, source.family, {
      dane: path.egress.security.dane,
      privateHosts: settings.privateHosts,
    });
    if (!found.ok) {
      if (found.unproven) worker.tlsReports?.unproven(path, found.detail);
      return { ok: false, failure: { ...ownFailure('dns', found.detail), pressure: found.pressure } };
    }
    // Look-ups took their time: whose took longer must not come closer to the next than its limit allows.
    await departing(worker.clock, [begun], Infinity);
    if (draining()) return { ok: false, failure: ownFailure('network', 'the engine is stopping') };
    const result = await worker.attempter.connect(path.egress, found.hosts, worker.traces?.listenerFor(path));
    if (result.tls) worker.tlsReports?.saw(path, result.tls);
    return result;
  } catch (error) {
    worker.log.warn('a connect ended in an unexpected error', { path: path.egress.key, error: String(error) });
    return { ok: false, failure: ownFailure('other', 'internal error while connecting') };
  }
}
