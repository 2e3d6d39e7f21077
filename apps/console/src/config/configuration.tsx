'use client';
// The configuration as a whole, in five views: what changed, the text of it, drafts, sections that are managed elsewhere, and what is odd.
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMay, useSeesAll } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { Choice } from '@/ui/choice.tsx';
import { Checks } from './checks.tsx';
import { Drafts } from './drafts.tsx';
import { Locks } from './locks.tsx';
import { Revisions } from './revisions.tsx';
import { ConfigText } from './text.tsx';

const views = ['revisions', 'text', 'drafts', 'locks', 'checks'] as const;

export function Configuration() {
  const canChange = useMay('config.applyText');
  const [wanted, setView] = useQueryState('view', parseAsStringLiteral(views).withDefault('revisions'));
  const seesAll = useSeesAll();
  // Text and drafts are for those who may apply them; the rest is for everyone who sees the whole installation.
  const offered = views.filter((one) => one === 'revisions' || (seesAll && (canChange || one === 'locks' || one === 'checks')));
  const view = offered.find((one) => one === wanted) ?? 'revisions';
  return (
    <>
      <PageHead
        title="Configuration"
        actions={<Choice label="Show" value={view} options={offered} onChange={(next) => void setView(next)} />}
      >
        Every change is a numbered revision that can be read, compared and undone.
      </PageHead>
      {view === 'revisions' && <Revisions />}
      {view === 'text' && <ConfigText />}
      {view === 'drafts' && <Drafts />}
      {view === 'locks' && <Locks />}
      {view === 'checks' && <Checks />}
    </>
  );
}
