'use client';
// The entries that the search finds, as a file. Page after page, up to a bound; past it the command line is the better way.
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTRPCClient } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { plural } from '@/format/number.ts';

const maxPages = 100;
const kinds = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

export function DownloadAudit({ wanted }: { wanted: object }) {
  const client = useTRPCClient();
  const [state, setState] = useState<string | null>(null);
  const download = async (format: keyof typeof kinds): Promise<void> => {
    setState('Reading…');
    try {
      const parts: string[] = [];
      let entries = 0;
      let cursor: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const read = await client.audit.export.query({ ...wanted, format, cursor });
        parts.push(read.text);
        entries += read.entries;
        cursor = read.nextCursor ?? undefined;
        if (cursor === undefined) break;
      }
      const url = URL.createObjectURL(new Blob(parts, { type: kinds[format] }));
      const link = document.createElement('a');
      link.href = url;
      link.download = `audit.${format}`;
      link.click();
      URL.revokeObjectURL(url);
      setState(
        cursor === undefined
          ? `${plural(entries, 'entry', 'entries')} written.`
          : `The first ${plural(entries, 'entry', 'entries')}; use the command line for all.`,
      );
    } catch {
      setState('It could not be read. Try again.');
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span role="status" className="text-xs text-muted">
        {state}
      </span>
      <Button onClick={() => void download('csv')}>
        <Download aria-hidden />
        CSV
      </Button>
      <Button onClick={() => void download('ndjson')}>
        <Download aria-hidden />
        JSON lines
      </Button>
    </div>
  );
}
