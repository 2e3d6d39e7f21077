// What the screen says about an API key.
import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@sluice/control/router';
import type { Tone } from '@/ui/status.tsx';

export type Key = inferRouterOutputs<AppRouter>['keys']['list']['items'][number];

export const stateWords: Record<Key['state'], { word: string; tone: Tone }> = {
  active: { word: 'Active', tone: 'good' },
  expired: { word: 'Expired', tone: 'quiet' },
  revoked: { word: 'Revoked', tone: 'quiet' },
  maker: { word: 'Maker disabled', tone: 'warn' },
};

/** Scopes as a few words: the verbs of each resource together. */
export function scopesInWords(scopes: readonly string[]): string {
  const verbs = new Map<string, string[]>();
  for (const scope of scopes) {
    const [resource = '', verb = ''] = scope.split(':');
    verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
  }
  return [...verbs].map(([resource, its]) => `${resource === '*' ? 'everything' : resource}: ${its.join(', ')}`).join('; ');
}

const dayMs = 86_400_000;
/** Choices of how long a key lives; null: for ever. */
export const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: 'none', label: 'No end' },
] as const;

/** ISO 8601, or null for no end. */
export function endAfter(days: string, nowMs: number): string | null {
  return /^\d+$/.test(days) ? new Date(nowMs + Number(days) * dayMs).toISOString() : null;
}

/** One network a line, or between commas. */
export const networksIn = (text: string): string[] => text.split(/[\s,]+/).filter((network) => network !== '');
