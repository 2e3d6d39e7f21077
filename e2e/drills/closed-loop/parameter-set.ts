// One set of the drill, read from a JSON file: whose words the provider uses, how it reacts, and the traffic that comes. A file may also hold
// the reaction alone; everything else has a default that follows from it. Unknown names are refused, so that a misspelt one does nothing
// in silence.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reactionParameters } from '@sluice/isp-simulator';
import { simulatedPresets } from '@sluice/providers';
import { z } from 'zod';

const words = simulatedPresets.map((preset) => preset.key);

const traffic = z.strictObject({
  /** How long is simulated. */
  hours: z.number().min(0.5).max(72).default(10),
  sources: z.number().int().min(1).max(20).default(2),
  /** Each signs with a domain of its own. */
  tenants: z.number().int().min(1).max(20).default(2),
  /** Mail that always comes, of all tenants together. */
  steadyPerHour: z.number().min(0).max(1_000_000).optional(),
  campaigns: z
    .array(
      z.strictObject({
        atHour: z.number().min(0).max(72),
        messages: z.number().int().min(1).max(1_000_000),
        overMinutes: z.number().min(1).max(1_440).default(20),
        tenant: z.number().int().min(1).max(20).default(1),
      }),
    )
    .max(100)
    .optional(),
  unknownShare: z.number().min(0).max(1).default(0.01),
  complaintShare: z.number().min(0).max(1).default(0.0003),
  /** What the operator set for each source, the same for every sender. */
  limitPerMinute: z.number().min(1).max(100_000).optional(),
  connections: z.number().int().min(1).max(1_000).default(5),
});

const whole = z.strictObject({
  about: z.string().max(500).default(''),
  provider: z.enum(words).default('outlook'),
  reaction: reactionParameters,
  traffic: traffic.default(traffic.parse({})),
});

type Traffic = Required<z.infer<typeof traffic>>;
export type ParameterSet = {
  name: string;
  about: string;
  provider: string;
  reaction: z.infer<typeof reactionParameters>;
  traffic: Traffic;
};

/** Of a file's text; throws with what is wrong in it. */
function readSet(name: string, text: string): ParameterSet {
  const json: unknown = JSON.parse(text);
  const alone = typeof json === 'object' && json !== null && 'source' in json;
  const parsed = whole.parse(alone ? { reaction: json } : json);
  const { warmPerHour, headroom } = parsed.reaction.source;
  const { sources, hours } = parsed.traffic;
  // A campaign of two thirds of what would pass in the time, and a limit of four times what passes: set for a better reputation.
  const passes = warmPerHour * headroom * sources;
  return {
    ...{ name, about: parsed.about, provider: parsed.provider, reaction: parsed.reaction },
    traffic: {
      steadyPerHour: passes / 4,
      campaigns: [{ atHour: 0.5, messages: Math.max(1, Math.round((passes * hours * 2) / 3)), overMinutes: 20, tenant: 1 }],
      limitPerMinute: Math.max(1, (warmPerHour * headroom * 4) / 60),
      ...parsed.traffic,
    },
  };
}

export function readSets(folder: string): ParameterSet[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    try {
      return readSet(basename(file, '.json'), readFileSync(join(folder, file), 'utf8'));
    } catch (error) {
      throw new Error(`${join(folder, file)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  });
}
