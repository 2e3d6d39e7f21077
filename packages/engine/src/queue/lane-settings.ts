// What the configuration says of the mail in one lane. A lane knows more than its path: whose mail it is, of which stream, to which domain.
import type { LaneSettings } from './lane.ts';
import type { ReadyPath } from './ready-path.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

export function laneSettings(worker: Worker, queue: ScheduledQueue, { egress }: ReadyPath): LaneSettings {
  const generation = worker.generation();
  const { tenantId: tenant, streamId: stream, domain } = queue;
  const known = { source: egress.source.id, site: egress.site, domain, tenant, stream };
  const { values } = generation.settings.resolve(egress.provider === null ? known : { ...known, provider: egress.provider });
  return { weight: generation.stream(stream)?.weight ?? 1, maxRecipients: values.recipientsPerTransaction };
}
