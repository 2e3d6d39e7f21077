// States as icon and word, never colour alone; one look per state everywhere.
import { Ban, CircleCheck, CircleHelp, CircleX, Clock, Hourglass, Inbox, Info, Route, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { EventType } from '@sluice/contract';
import { classes } from './classes.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'odd' | 'quiet';

const toneClasses: Record<Tone, string> = {
  good: 'bg-good-soft text-good-text',
  warn: 'bg-warn-soft text-warn-text',
  bad: 'bg-bad-soft text-bad-text',
  info: 'bg-info-soft text-info-text',
  odd: 'bg-odd-soft text-odd-text',
  quiet: 'bg-quiet-soft text-quiet-text',
};
export const toneIcon: Record<Tone, LucideIcon> = {
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleX,
  info: Info,
  odd: CircleHelp,
  quiet: Ban,
};

export function Status({ tone, icon, children, className }: { tone: Tone; icon?: LucideIcon; children: string; className?: string }) {
  const Icon = icon ?? toneIcon[tone];
  return (
    <span
      className={classes(
        'inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        toneClasses[tone],
        className,
      )}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {children}
    </span>
  );
}

/** Word, tone and icon of each outcome: the same in lists, timelines, chart legend and filters. */
export const outcomes: Record<EventType, { word: string; tone: Tone; icon: LucideIcon; colour: string }> = {
  accepted: { word: 'Accepted', tone: 'info', icon: Inbox, colour: 'var(--accepted)' },
  delivered: { word: 'Delivered', tone: 'good', icon: CircleCheck, colour: 'var(--delivered)' },
  deferred: { word: 'Deferred', tone: 'warn', icon: Clock, colour: 'var(--deferred)' },
  bounced: { word: 'Bounced', tone: 'bad', icon: CircleX, colour: 'var(--bounced)' },
  expired: { word: 'Expired', tone: 'odd', icon: Hourglass, colour: 'var(--expired)' },
  cancelled: { word: 'Cancelled', tone: 'quiet', icon: Ban, colour: 'var(--cancelled)' },
  path_deferred: { word: 'Path deferred', tone: 'quiet', icon: Route, colour: 'var(--path)' },
};

export function OutcomeStatus({ type }: { type: EventType }) {
  const { word, tone, icon } = outcomes[type];
  return (
    <Status tone={tone} icon={icon}>
      {word}
    </Status>
  );
}
