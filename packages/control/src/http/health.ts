// Liveness and readiness, for supervisors and load balancers. They say no more than that.
import type { Installation } from '../installation.ts';
import { jsonResponse } from './json-response.ts';

const readyWithinMs = 2_000;

/** The process answers. */
export const health = (): Response => jsonResponse(200, { status: 'ok' });

/** Postgres answers too. */
export async function readiness({ db, log }: Installation): Promise<Response> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), readyWithinMs);
  const asked = db.$queryRaw`select 1 as one`.then(
    () => true,
    (error: unknown) => {
      log.warn({ err: error }, 'not ready: Postgres does not answer');
      return false;
    },
  );
  const ready = await Promise.race([asked, late]);
  clearTimeout(timer);
  return ready ? jsonResponse(200, { status: 'ready' }) : jsonResponse(503, { status: 'not ready' });
}
