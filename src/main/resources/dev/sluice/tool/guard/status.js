"use strict";

// Asks the guard how it is, and shows that. Every text goes into the page as text, never as HTML.

const BUSY_MS = 500;
const QUIET_MS = 2000;

const NAMES = {
  preflight: "Check whether everything is there",
  request: "Ask Flink to stop the job",
  savepoint: "Save the whole state",
  finished: "Wait for the job's end",
  committed: "Ask Kafka whether every answer is committed",
  sane: "Read the savepoint back",
  receipt: "Write the receipt",
};
const DOINGS = {
  preflight: "looking whether everything is there",
  request: "asking Flink",
  savepoint: "saving the whole state",
  finished: "waiting for the job's end",
  committed: "asking Kafka whether every answer is committed",
  sane: "reading the savepoint back",
  receipt: "writing the receipt",
};
const SIGNS = { ok: "✓", failed: "!", running: "…", skipped: "–", waiting: "" };
const STATES = { ok: "done", failed: "failed", running: "under way", skipped: "left out", waiting: "to come" };
const OUTCOMES = {
  "proved": ["good", "Stopped, and proved: nothing was lost, doubled or corrupted"],
  "nothing-changed": ["care", "Not stopped: nothing was changed"],
  "escalated": ["care", "Stopped without a savepoint, as requested"],
  "timed-out": ["care", "Not stopped: the time was over, and the job still runs"],
  "unproved": ["bad", "Stopped, but the proof failed"],
  "failed-while-stopping": ["bad", "Saved, but the job failed while it stopped"],
  "broken-off": ["bad", "The stop broke off"],
};
const PARTLY = ["care", "Stopped, and proved in part"];
const PLANS = {
  fail: "the job is left running",
  checkpoint: "the job is cancelled and its last checkpoint kept",
  cancel: "the job is cancelled",
};

const at = (id) => document.getElementById(id);
const numbers = new Intl.NumberFormat("en");
let last = null;

function show(id, text) {
  const element = at(id);
  const shown = text === null || text === undefined || text === "" ? "–" : String(text);
  if (element.textContent !== shown) {
    element.textContent = shown;
  }
}

function reveal(id, visible) {
  at(id).hidden = !visible;
}

const known = (value) => value !== null && value !== undefined;
const count = (value) => (known(value) ? numbers.format(Math.round(value)) : "–");

function duration(ms) {
  if (!known(ms)) {
    return "";
  }
  if (ms < 1000) {
    return `${ms} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  }
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function size(bytes) {
  if (!known(bytes)) {
    return "–";
  }
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes.toFixed(unit === 0 || bytes >= 100 ? 0 : 1)} ${units[unit]}`;
}

function verdict(tone, title, text) {
  at("verdict").dataset.tone = tone;
  if (at("verdict-title").textContent !== title) {
    at("verdict-title").textContent = title;
  }
  if (at("verdict-text").textContent !== (text || "")) {
    at("verdict-text").textContent = text || "";
  }
}

function showVerdict(status) {
  const { job, stop } = status;
  if (stop && stop.running) {
    const step = stop.steps.find((each) => each.state === "running");
    verdict("busy", step ? `Stopping: ${DOINGS[step.step]}` : "Stopping", step ? step.text : "About to begin");
  } else if (stop && stop.outcome && !(job.running && Date.parse(status.now) - Date.parse(stop.outcome.time) > 10_000)) {
    const partly = stop.outcome.outcome === "proved" && Boolean(status.receipt?.notProved?.length);
    const [tone, title] = partly ? PARTLY : OUTCOMES[stop.outcome.outcome] || ["care", stop.outcome.outcome];
    verdict(tone, title, stop.outcome.text);
  } else if (job.running && status.rehearsal && !status.rehearsal.good) {
    verdict("bad", "The job runs, but a stop would be refused", status.rehearsal.text);
  } else if (job.running) {
    verdict("good", "The job runs, and is guarded", job.problem);
  } else if (job.id) {
    verdict("care", `The job is ${job.state}`, "The guard waits for a job of this name to be submitted again.");
  } else if (job.answered) {
    verdict("care", "The job is not there", job.problem);
  } else {
    verdict("bad", "Flink does not answer", job.problem);
  }
}

function showJob(job) {
  show("job-name", job.name);
  show("state", job.state);
  show("lag", count(job.sourceLag));
  show("rate", count(job.recordsPerSecond));
  show("checkpoint", known(job.checkpointAgeMs) ? `${duration(Math.max(0, job.checkpointAgeMs))} ago` : "–");
  show("checkpoint-hint", known(job.checkpointId) ? `number ${job.checkpointId}, Flink's own backup` : "Flink's own backup");
}

/** A line of the timeline, made once; later only its texts change, so that readers keep their place. */
function line(step) {
  const id = `step-${step.step}`;
  let item = at(id);
  if (!item) {
    item = document.createElement("li");
    item.id = id;
    for (const [part, tag] of [["sign", "span"], ["name", "span"], ["took", "span"], ["text", "span"]]) {
      const element = document.createElement(tag);
      element.className = part;
      item.append(element);
    }
    at("steps").append(item);
  }
  return item;
}

function set(item, part, text) {
  const element = item.querySelector(`.${part}`);
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function showStop(stop, policy) {
  reveal("stop", Boolean(stop));
  if (!stop) {
    return;
  }
  const tense = stop.running ? "for" : "took";
  show("stop-meta", `Begun by ${stop.cause} at ${new Date(stop.startedAt).toLocaleTimeString()}, ${tense} ${duration(stop.elapsedMs)}`);
  for (const step of stop.steps) {
    const item = line(step);
    item.dataset.state = step.state;
    set(item, "sign", SIGNS[step.state]);
    item.querySelector(".sign").setAttribute("role", "img");
    item.querySelector(".sign").setAttribute("aria-label", STATES[step.state]);
    set(item, "name", NAMES[step.step]);
    set(item, "took", duration(step.durationMs));
    set(item, "text", step.text || "");
  }
  showSavepoint(stop, policy);
}

function showSavepoint(stop, policy) {
  const figures = stop.savepoint;
  const step = stop.steps.find((each) => each.step === "savepoint");
  const begun = step.state !== "waiting" && step.state !== "skipped";
  reveal("grace-box", begun);
  if (!begun) {
    return;
  }
  const grace = figures.graceMs || policy.graceMs;
  const elapsed = Math.min(grace, known(step.durationMs) ? step.durationMs : figures.elapsedMs || 0);
  at("grace").value = elapsed / grace;
  at("grace").classList.toggle("late", elapsed / grace > 0.8);
  show("grace-text", `${duration(elapsed)} of ${duration(grace)}`);
  const done = step.state === "ok";
  const all = figures.subtasks;
  at("tasks").value = done ? 1 : all ? (figures.subtasksAcknowledged || 0) / all : 0;
  const saved = known(figures.bytes) ? `, ${size(figures.bytes)}` : "";
  show("tasks-text", all ? `${done ? all : figures.subtasksAcknowledged || 0} of ${all}${saved}` : done ? "all" : "not known yet");
}

function list(id, texts) {
  reveal(`${id}-box`, texts.length > 0);
  const items = texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  });
  at(id).replaceChildren(...items);
}

function showReceipt(receipt) {
  reveal("receipt", Boolean(receipt));
  reveal("resume", Boolean(receipt && receipt.resume));
  if (!receipt) {
    return;
  }
  show("keys", count(receipt.keys));
  show("updates", count(receipt.updates));
  show("bytes", size(receipt.bytes));
  show("files", known(receipt.files) ? `in ${receipt.files} ${receipt.files === 1 ? "file" : "files"}` : "nothing was saved");
  show("transactions", receipt.transactions ? `${receipt.committed} of ${receipt.transactions}` : "none");
  show("kind", receipt.kind === "checkpoint" ? "Checkpoint" : "Savepoint");
  show("uri", receipt.uri);
  show("receipt-file", receipt.file);
  list("problems", receipt.problems);
  list("warnings", receipt.warnings);
  const where = receipt.kind === "checkpoint" ? "from its last checkpoint" : "exactly where it stopped";
  show("resume-hint", receipt.problems.length > 0
    ? `Read the problems above first. This starts the job again ${where}:`
    : `This starts the job again ${where}:`);
  show("resume-command", receipt.resume);
  show("flink-command", receipt.flinkResume);
}

function showAll(status) {
  document.title = `${status.job.name} – Sluice guard`;
  showVerdict(status);
  showJob(status.job);
  showStop(status.stop, status.policy);
  showReceipt(status.receipt);
  reveal("how", !(status.stop && status.stop.running) && !status.receipt);
  show("plan", `The savepoint may take ${duration(status.policy.graceMs)}; then ${PLANS[status.policy.onTimeout]}.`);
  show("fresh", `as of ${new Date(status.now).toLocaleTimeString()}`);
}

function guardIsGone() {
  show("fresh", "the guard no longer answers");
  if (last && last.stop && last.stop.outcome) {
    return; // it ended with its stop, and the page has all of it
  }
  verdict("bad", "The guard does not answer", "It has ended, or this page can't reach it. What is shown below is the last that it said.");
}

async function ask() {
  try {
    const answer = await fetch("api/status", { cache: "no-store" });
    if (!answer.ok) {
      throw new Error(`status ${answer.status}`);
    }
    last = await answer.json();
    showAll(last);
  } catch (error) {
    guardIsGone();
  }
  setTimeout(ask, last && last.stop && last.stop.running ? BUSY_MS : QUIET_MS);
}

async function copy(event) {
  const button = event.currentTarget;
  const text = at(button.dataset.copies).textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    show("copied", "The command is on the clipboard.");
  } catch (error) {
    // Not every browser lets a page of plain HTTP have the clipboard: mark the text for Ctrl-C.
    const range = document.createRange();
    range.selectNodeContents(at(button.dataset.copies));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    button.textContent = "Marked";
    show("copied", "The command is marked: copy it with Ctrl-C.");
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.addEventListener("click", copy);
}
ask();
