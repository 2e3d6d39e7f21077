// What follows when a source goes out of its pools or comes back: mail that stands ready for it finds another way; held mail tries again, and
// paths of the source that rest after its failures connect at once.
import type { QueueParts } from '../commands/effects.ts';
import { releaseHeld } from '../queue/rounds.ts';
import type { Sliced } from '../queue/slices.ts';
import type { HealthEffects } from './source-health.ts';

/** An answer that takes no step to find. */
function* isOf(answer: boolean): Sliced<boolean> {
  if (answer) yield;
  return answer;
}

export function healthEffects({ worker, scheduler, dispatcher }: QueueParts): HealthEffects {
  function* back(sourceId: string): Sliced<void> {
    yield* dispatcher.recall.liftRests(({ egress }) => isOf(egress.source.id === sourceId));
    yield* releaseHeld(worker, scheduler);
  }
  return {
    out: (sourceId) => void worker.slices.run(dispatcher.sourceStopped(sourceId)),
    back: (sourceId) => void worker.slices.run(back(sourceId)),
  };
}
