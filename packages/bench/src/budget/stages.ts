// From a profile to stages: every sample belongs to the nearest function of ours above it, and that function's folder names the stage.
// What has none above it is the runtime's own work: reading sockets, collecting garbage.
import type { CpuProfile, ProfileNode } from './profile.ts';

export const stages = ['receive', 'spool', 'queue and route', 'sign', 'send', 'event', 'sockets and timers', 'garbage', 'other'] as const;
export type Stage = (typeof stages)[number];

/** First match wins. Paths of our own packages and of the libraries that do a stage's work. */
const places: readonly [RegExp, Stage][] = [
  [/\/packages\/engine\/src\/inject\/|\/node_modules\/smtp-server\/|\/node_modules\/nodemailer\//, 'receive'],
  [/\/packages\/engine\/src\/message\/(?:signer|dkim)\./, 'sign'],
  [/\/packages\/engine\/src\/message\//, 'receive'],
  [/\/packages\/engine\/src\/queue\/(?:recorder|delivery-events)\./, 'event'],
  [/\/packages\/engine\/src\/spool\//, 'spool'],
  [/\/packages\/engine\/src\/(?:queue|route|commands|config)\/|\/packages\/policy\//, 'queue and route'],
  [/\/packages\/engine\/src\/(?:smtp|deliver|host)\//, 'send'],
  [/\/packages\/|\/apps\//, 'other'],
];

function ownStage({ callFrame }: ProfileNode): Stage | 'idle' | null {
  if (callFrame.functionName === '(idle)') return 'idle';
  if (callFrame.functionName === '(garbage collector)') return 'garbage';
  return places.find(([place]) => place.test(callFrame.url))?.[1] ?? null;
}

/** Share of the busy time of each stage; the shares add up to 1. */
export function stageShares(profile: CpuProfile): Record<Stage, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const stageOf = new Map<number, Stage | 'idle'>();
  const visit = (id: number, above: Stage | 'idle') => {
    const node = nodes.get(id);
    if (!node) return;
    const stage = ownStage(node) ?? above;
    stageOf.set(id, stage);
    for (const child of node.children ?? []) visit(child, stage);
  };
  const root = profile.nodes[0];
  if (root) visit(root.id, 'sockets and timers');
  const times = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  let busy = 0;
  profile.samples.forEach((id, index) => {
    const stage = stageOf.get(id) ?? 'other';
    if (stage === 'idle') return;
    const time = Math.max(0, profile.timeDeltas[index] ?? 0);
    times[stage] += time;
    busy += time;
  });
  for (const stage of stages) times[stage] = busy === 0 ? 0 : times[stage] / busy;
  return times;
}
