'use client';
// A value to take elsewhere (a DNS record, a password): shown whole, copied with one press, and the press is confirmed in words.
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';

const confirmMs = 2_000;

/** Where the browser refuses the clipboard (plain http), the text stays selectable. */
export function CopyValue({ label, value }: { label: string; value: string }) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setSaid('Copied');
    } catch {
      setSaid('Select and copy it by hand');
    }
    setTimeout(() => setSaid(''), confirmMs);
  };
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-between gap-2">
        <span className="text-xs text-muted">{label}</span>
        <span className="flex items-center gap-2">
          <span role="status" className="text-xs text-muted">
            {said}
          </span>
          <Button look="quiet" className="h-7 px-2" onClick={() => void copy()} aria-label={`Copy ${label.toLowerCase()}`}>
            {said === 'Copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
            Copy
          </Button>
        </span>
      </div>
      <code
        className="block max-h-40 overflow-y-auto rounded-md bg-sunken px-2.5 py-1.5 font-mono text-xs break-all whitespace-pre-wrap select-all"
        tabIndex={0}
      >
        {value}
      </code>
    </div>
  );
}
