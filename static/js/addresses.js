// Reads what a person types or pastes into an address field; the server has the last word (mailbox/mime/addresses.py).
globalThis.addresses = (() => {
  const LOCAL = String.raw`(?:[^\s"(),:;<>@\[\\\]\p{Cc}]+|"(?:[^"\\\p{Cc}]|\\.)*")`;
  const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}\-]{0,61}[\p{L}\p{N}\p{M}])?`;
  const ADDRESS = new RegExp(String.raw`^${LOCAL}@(?:${LABEL}(?:\.${LABEL})*|\[[A-Za-z0-9.:]{2,60}\])$`, "u");
  const NAMED = /^(.*?)<([^<>]*)>?$/su;
  const TOKEN = /"(?:[^"\\]|\\.)*"?|<[^<>]*>?|\([^()]*\)?|[,;\r\n]|[^"<(,;\r\n]+/gsu;

  // The pieces between commas, semicolons and line ends, but for those inside quotes and brackets.
  function split(text) {
    const pieces = [""];
    for (const [token] of text.matchAll(TOKEN)) {
      if (/^[,;\r\n]$/u.test(token)) pieces.push("");
      else pieces[pieces.length - 1] += token;
    }
    return pieces.map((piece) => piece.trim()).filter(Boolean).flatMap(apart);
  }

  // Bare addresses with only blanks between them.
  function apart(piece) {
    const words = piece.split(/\s+/u);
    return words.length > 1 && words.every((word) => ADDRESS.test(bare(word))) ? words : [piece];
  }

  function bare(text) {
    return text.trim().replace(/^<(.*)>$/su, "$1").replace(/^mailto:/iu, "").trim();
  }

  // One piece as {text, name, address, isGood}; `text` is what the form sends.
  function read(piece) {
    const named = NAMED.exec(piece);
    const name = (named?.[1] ?? "").trim().replace(/^"(.*)"$/su, "$1").replace(/\\(.)/gsu, "$1").trim();
    const address = bare(named ? named[2] : piece);
    const isGood = ADDRESS.test(address) && !/[^\p{ASCII}]/u.test(address.slice(0, address.lastIndexOf("@")));
    const text = isGood && !name ? address : piece;
    return { text, name, address, isGood, key: (isGood ? address : piece).toLowerCase() };
  }

  // Whether what is being typed has ended: a separator stands outside quotes and brackets.
  function hasEnded(text) {
    return [...text.matchAll(TOKEN)].some(([token]) => /^[,;\r\n]$/u.test(token));
  }

  return Object.freeze({ split, read, hasEnded });
})();
