// Server-sent events as they are read (WHATWG HTML, "Interpreting an event stream"), from the daemon, whose events
// have one line of data each.

export interface ReceivedEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export class EventSourceLines extends TransformStream<string, ReceivedEvent> {
  constructor() {
    let rest = "";
    super({
      transform(text, controller) {
        const events = (rest + text).split("\n\n");
        rest = events.pop()!;
        events.forEach((event) => controller.enqueue(parse(event)));
      },
    });
  }
}

function parse(event: string): ReceivedEvent {
  const fields = Object.fromEntries(
    event.split("\n").map((line) => {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? ["", "", ""];
      return [name!, value!];
    }),
  );
  return { type: fields.event ?? "message", data: JSON.parse(fields.data ?? "{}") };
}
