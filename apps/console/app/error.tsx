'use client';
// A page that broke. The rest of the installation is not touched by it.
import { useEffect } from 'react';
import { Button } from '@/ui/button.tsx';

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  useEffect(() => console.error(error), [error]);
  return (
    <div role="alert" className="mx-auto max-w-prose space-y-3 p-8">
      <h1 className="text-lg font-semibold">This page broke</h1>
      <p className="text-sm">
        Mail is not affected. Try again; if it breaks again, the console's log has the reason{error.digest ? ` under ${error.digest}` : ''}.
      </p>
      <Button onClick={reset}>Try again</Button>
    </div>
  );
}
