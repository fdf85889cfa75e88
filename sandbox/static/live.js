// Server-sent events with resume: the browser repeats the last id by itself; a dead stream is opened again from there.

export class Live {
  constructor(onChanges) {
    this.onChanges = onChanges;
    this.source = null;
  }

  follow(who, version) {
    this.source?.close();
    clearTimeout(this.again);
    const source = new EventSource(`/phones/events?who=${encodeURIComponent(who)}&after=${version}`);
    let last = version;
    source.onmessage = (event) => {
      if (this.source !== source) return; // a late event for the person before
      last = Number(event.lastEventId) || last;
      this.onChanges(JSON.parse(event.data));
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED && this.source === source) this.again = setTimeout(() => this.follow(who, last), 1500);
    };
    this.source = source;
  }
}

export async function post(path, body) {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return await answer.json();
  } catch {
    return { error: "沙盒没有回应" };
  }
}

export async function postForm(path, form) {
  try {
    const answer = await fetch(path, { method: "POST", body: form });
    return await answer.json();
  } catch {
    return { error: "沙盒没有回应" };
  }
}
