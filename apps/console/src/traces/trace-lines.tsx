'use client';
// One trace as it comes: its lines with times since their session was opened, searched by text and session. Newest last, like a terminal;
// what remote servers wrote is shown as text.
import { parseAsString, useQueryState } from 'nuqs';
import { useId, useMemo } from 'react';
import type { TraceLineKind } from '@sluice/contract';
import { count } from '@/format/number.ts';
import { clockUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { classes } from '@/ui/classes.ts';
import { inputLook } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NoDataArriving, NothingMatches, NothingYet } from '@/ui/states.tsx';
import { matching, sessionOf, sessionsIn, type Known, type Line } from './line-list.ts';
import { StopTrace } from './trace-dialogs.tsx';
import { endOf, Reports, TraceState, type Trace } from './trace-state.tsx';
import { useTraceLines } from './use-lines.ts';

/** Lines drawn at once; the search narrows what is older. */
const shownLines = 1_000;
/** Without an answer for this long, what is shown is called old. */
const staleMs = 8_000;

const words: Record<TraceLineKind, { sign: string; word: string; look: string }> = {
  opened: { sign: '●', word: 'opened', look: 'font-medium' },
  connected: { sign: '●', word: 'connected', look: 'text-muted' },
  sent: { sign: '→', word: 'we said', look: 'text-accent-strong' },
  received: { sign: '←', word: 'they said', look: '' },
  message: { sign: '→', word: 'message', look: 'text-muted' },
  tls: { sign: '●', word: 'TLS', look: 'text-muted' },
  closed: { sign: '■', word: 'closed', look: 'font-medium' },
};

function LineRow({ line }: { line: Line }) {
  const { sign, word, look } = words[line.kind];
  return (
    <tr className="align-top">
      <td className="pr-3 whitespace-nowrap text-muted">{sessionOf(line).replace(' ', '#')}</td>
      <td className="pr-3 text-right whitespace-nowrap text-muted tabular-nums" title={clockUtc(line.at)}>
        +{line.sinceMs.toFixed(1)} ms
      </td>
      <td className="pr-3 whitespace-nowrap text-muted">
        <span aria-hidden>{sign} </span>
        {word}
      </td>
      <td className={classes('w-full break-all whitespace-pre-wrap', look)}>{line.text}</td>
    </tr>
  );
}

function Search({ known, text, session, onText, onSession }: SearchProps) {
  const id = useId();
  return (
    <div role="search" className="flex flex-wrap items-end gap-2 px-4 py-3">
      <div className="min-w-56 flex-1 space-y-1">
        <label htmlFor={`${id}-text`} className="block text-sm font-medium">
          Find text
        </label>
        <input id={`${id}-text`} className={inputLook} value={text} onChange={(event) => onText(event.target.value)} spellCheck={false} />
      </div>
      <div className="w-48 space-y-1">
        <label htmlFor={`${id}-session`} className="block text-sm font-medium">
          Session
        </label>
        <select id={`${id}-session`} className={inputLook} value={session} onChange={(event) => onSession(event.target.value)}>
          <option value="">all</option>
          {sessionsIn(known.lines).map((name) => (
            <option key={name} value={name}>
              {name.replace(' ', '#')}
            </option>
          ))}
        </select>
      </div>
      {(text !== '' || session !== '') && (
        <Button
          onClick={() => {
            onText('');
            onSession('');
          }}
        >
          Clear
        </Button>
      )}
    </div>
  );
}
type SearchProps = {
  known: Known;
  text: string;
  session: string;
  onText: (text: string) => void;
  onSession: (session: string) => void;
};

function Lines({ trace, known }: { trace: Trace; known: Known }) {
  const [text, setText] = useQueryState('find', parseAsString.withDefault(''));
  const [session, setSession] = useQueryState('session', parseAsString.withDefault(''));
  const found = useMemo(() => matching(known.lines, { text, session }), [known, text, session]);
  const clear = (): void => {
    void setText('');
    void setSession('');
  };
  if (known.lines.length === 0) {
    if (trace.running)
      return (
        <NothingYet title="No line yet">
          Lines show up when a session that matches opens or goes on. Mail that waits opens none: see Queues.
        </NothingYet>
      );
    return <NoDataArriving title="Nothing was traced">No session matched, or its lines were deleted: {endOf(trace)}.</NoDataArriving>;
  }
  const hidden = found.length - shownLines;
  return (
    <>
      <Search {...{ known, text, session }} onText={(next) => void setText(next)} onSession={(next) => void setSession(next)} />
      {hidden > 0 && <p className="px-4 pb-2 text-xs text-muted">{count(hidden)} older lines match and are not drawn; search to narrow.</p>}
      {known.forgotten > 0 && (
        <p className="px-4 pb-2 text-xs text-warn-text">This page let go of the {count(known.forgotten)} oldest lines.</p>
      )}
      {found.length === 0 ? (
        <NothingMatches title="No line matches" onClear={clear}>
          {count(known.lines.length)} lines do not.
        </NothingMatches>
      ) : (
        <div role="group" aria-label="Lines" tabIndex={0} className="max-h-[70vh] overflow-auto border-t border-border px-4 py-3">
          <table className="font-mono text-xs leading-5">
            <caption className="sr-only">Lines, oldest first</caption>
            <thead className="sr-only">
              <tr>
                <th scope="col">Session</th>
                <th scope="col">Since it was opened</th>
                <th scope="col">What</th>
                <th scope="col">Text</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(-shownLines).map((line) => (
                <LineRow key={`${line.node} ${line.seq}`} line={line} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

export function TraceLines({ id }: { id: string }) {
  const seen = useTraceLines(id);
  const now = useNow();
  const canChange = useMay('traces.stop');
  const stale = seen.data?.trace.running === true && now > 0 && now - seen.dataUpdatedAt > staleMs;
  return (
    <>
      <PageHead title="Trace">{seen.data?.trace.touches ?? 'SMTP sessions, line by line.'}</PageHead>
      <Loaded query={seen} rows={8}>
        {({ trace, known }) => (
          <>
            <Card
              title="How far it is"
              hint={<Updated query={seen} />}
              actions={canChange && <StopTrace id={id} about={trace.touches} running={trace.running} />}
            >
              <div className="space-y-2">
                <div className="flex flex-wrap items-center gap-3">
                  <TraceState trace={trace} />
                  <span className="text-sm text-muted">{endOf(trace) ?? `started by ${trace.startedBy}: ${trace.reason}`}</span>
                </div>
                {stale && (
                  <p role="status" className="text-sm text-warn-text">
                    Nothing new was heard for a while: what is shown may be old.
                  </p>
                )}
                <Reports trace={trace} />
              </div>
            </Card>
            <Card title="Lines" flush>
              <Lines trace={trace} known={known} />
            </Card>
          </>
        )}
      </Loaded>
    </>
  );
}
