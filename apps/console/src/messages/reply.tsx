// What the remote server said. It is text from a stranger: React writes it as text, and its length is bounded by the contract.
import type { RemoteReply } from '@sluice/contract';

const codes = (reply: RemoteReply): string => [reply.code, reply.enhanced].filter((part) => part !== null).join(' ');

/** One line, cut at its end; the whole is in the title and in the timeline. */
export function ReplyLine({ reply }: { reply: RemoteReply }) {
  const text = `${codes(reply)} ${reply.text}`;
  return (
    <span title={text} className="line-clamp-2 font-mono text-[0.8125rem] break-words">
      {text}
    </span>
  );
}

const commandWords: Record<RemoteReply['command'], string> = {
  connect: 'on connecting',
  greeting: 'as greeting',
  ehlo: 'to EHLO',
  starttls: 'to STARTTLS',
  auth: 'to our login',
  mail: 'to MAIL FROM',
  rcpt: 'to RCPT TO',
  data: 'to DATA',
  message: 'to the message',
  rset: 'to RSET',
  quit: 'to QUIT',
};

export function ReplyBlock({ reply }: { reply: RemoteReply }) {
  return (
    <figure className="m-0">
      <figcaption className="mb-1 text-xs text-muted">The remote server answered {commandWords[reply.command]}:</figcaption>
      <pre
        data-testid="reply"
        tabIndex={0}
        className="max-h-60 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap"
      >
        {codes(reply)} {reply.text}
      </pre>
    </figure>
  );
}
