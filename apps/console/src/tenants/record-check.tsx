'use client';
// Whether DNS has the record of a selector: asked when somebody wants to know, never by itself.
import { useState } from 'react';
import { useTRPCClient } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { explain } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Mono } from '@/ui/table.tsx';
import type { CheckedRecord, DkimKey } from './types.ts';

const words: Record<CheckedRecord['state'], { tone: Tone; word: string }> = {
  present: { tone: 'good', word: 'Present' },
  absent: { tone: 'warn', word: 'Absent' },
  mismatch: { tone: 'bad', word: 'Mismatch' },
  unreachable: { tone: 'odd', word: 'No answer' },
};

export function RecordCheck({ selector }: { selector: DkimKey }) {
  const client = useTRPCClient();
  const [asking, setAsking] = useState(false);
  const [checked, setChecked] = useState<CheckedRecord | null>(null);
  const [problem, setProblem] = useState('');
  const ask = async (): Promise<void> => {
    setAsking(true);
    setProblem('');
    try {
      const { items } = await client.selectors.check.query({ ids: [selector.id] });
      setChecked(items[0] ?? null);
    } catch (error) {
      setChecked(null);
      setProblem(explain(error));
    } finally {
      setAsking(false);
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <Button aria-label={`Look for the record of ${selector.dnsName} in DNS`} disabled={asking} onClick={() => void ask()}>
        {asking ? 'Asking…' : 'Look in DNS'}
      </Button>
      <div role="status" className="min-w-0 flex-1 space-y-1">
        {checked && (
          <p>
            <Status tone={words[checked.state].tone}>{words[checked.state].word}</Status> {checked.finding}. {checked.remedy}
          </p>
        )}
        {checked?.state === 'mismatch' && checked.found?.map((text) => <Mono key={text}>{text}</Mono>)}
        {problem !== '' && <p className="text-bad-text">{problem}</p>}
      </div>
    </div>
  );
}
