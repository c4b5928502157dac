import type { Answers, Question, Questions } from "@/api/types";
import type { Key } from "@/i18n/catalogue";

/** What a question's field holds: a saved answer that has not been changed, or what has been typed. */
export type Draft = { saved: true; value: string } | { saved: false; value: string };
export type Drafts = Record<string, Draft>;

export const SECRET = "secret";
export const BYTES = "bytes";
export const MASK = "********";

export function draftsOf(questions: Questions, savedAnswers: Answers): Drafts {
  return Object.fromEntries(
    Object.keys(questions).map((name) => {
      const value = savedAnswers[name];
      return [name, value ? { saved: true, value } : { saved: false, value: "" }];
    }),
  );
}

/**
 * The answers to send. An empty field that shows a default is answered with it, since that is what people see; any other
 * empty field is left out, for the appliance to generate or to complain about.
 */
export function answersOf(questions: Questions, drafts: Drafts): Answers {
  const answers: Answers = {};
  for (const [name, question] of Object.entries(questions)) {
    const answer = drafts[name]?.value || shownDefault(question);
    if (answer) {
      answers[name] = answer;
    }
  }
  return answers;
}

/** The default that people see. Secrets have none: they are generated, and one from a manifest would be known to all. */
export function shownDefault(question: Question): string {
  return question.type === SECRET ? "" : (question.default ?? "");
}

type Hint = Extract<Key, `question.${"port" | "generated" | "duration" | "bytes" | "archive" | "volume"}`>;

const HINTS: Readonly<Partial<Record<string, Hint>>> = {
  port: "question.port",
  hostname: "question.generated",
  secret: "question.generated",
  duration: "question.duration",
  bytes: "question.bytes",
  archive: "question.archive",
  volume: "question.volume",
};

/** What an empty field of this type says in place of a default. */
export function typeHint(question: Question): Hint | undefined {
  return HINTS[question.type ?? ""];
}

type Help = Extract<Key, `question.help.${string}`>;

const HELPS: Readonly<Partial<Record<string, Help>>> = {
  port: "question.help.port",
  hostname: "question.help.hostname",
  secret: "question.help.secret",
  duration: "question.help.duration",
  archive: "question.help.archive",
  volume: "question.help.volume",
};

/** What an answer of this type may be, in a sentence. */
export function typeHelp(question: Question): Help | undefined {
  return HELPS[question.type ?? ""];
}
