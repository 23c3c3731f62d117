// Foreign HTML as nodes that may stand in this page: no code, no addresses elsewhere, and no styles.
// What mail looks like, and where its pictures lie elsewhere, is kept under other names, so that it leaves unchanged,
// draws nothing here and loads nothing.
window.richText = (() => {
  const TAGS = `a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em h1 h2 h3 h4
    h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup table tbody td tfoot th thead
    tr u ul var wbr`.split(/\s+/);
  const ATTRIBUTES = `href src alt title width height align valign dir lang type start value colspan rowspan border
    cellpadding cellspacing nowrap hspace vspace class`.split(/\s+/);
  const LOOKS = ["style", "bgcolor", "color", "face", "size"];
  const KEPT = "data-kept-";
  const KEPT_SOURCE = `${KEPT}src`;
  // Addresses of pictures that the draft came with; others are pasted by nobody who has seen them.
  const elsewhere = new Set();
  let isTrusted = false;
  const CLASSES = ["signature", "moz-cite-prefix"];
  const OWN_PICTURE = /^(?:\/(?:compose|m)\/[\w-]+\/|data:image\/(?:png|jpe?g|gif|webp);base64,)/;
  const LINK = /^(?:https?:|mailto:|tel:)/i;
  const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
  const SHEET = /<style[\s>][\s\S]*?<\/style\s*>/gi;
  const HANDLER = /[\s/"']on[a-z]+\s*=/gi;
  const REMOTE = /(<img\b[^>]*?)\ssrc="(?=https?:)/gi;
  const LOOK = new RegExp(`[\\s/"'](${LOOKS.join("|")})\\s*=`, "gi");

  DOMPurify.addHook("uponSanitizeAttribute", (node, data) => {
    if (data.attrName === "src") data.keepAttr = OWN_PICTURE.test(data.attrValue);
    if (data.attrName === KEPT_SOURCE) {
      if (isTrusted) elsewhere.add(data.attrValue);
      data.keepAttr = elsewhere.has(data.attrValue);
    }
    if (data.attrName === "href") data.keepAttr = LINK.test(data.attrValue);
    if (data.attrName === "class") {
      data.attrValue = data.attrValue.split(/\s+/).filter((name) => CLASSES.includes(name)).join(" ");
      data.keepAttr = data.attrValue !== "";
    }
  });

  // In the source, before anything is built of it: the policy of this page holds for that too, and would complain of
  // styles and handlers. What slips through here is dropped below.
  function renamed(html) {
    const quiet = html.replace(SHEET, "").replace(REMOTE, `$1 ${KEPT_SOURCE}="`);
    return quiet.replace(TAG, (tag) => tag.replace(HANDLER, " data-off=").replace(LOOK, ` ${KEPT}$1=`));
  }

  function withoutLooks(fragment) {
    for (const node of fragment.querySelectorAll(LOOKS.map((name) => `[${KEPT}${name}]`).join())) {
      const style = node.getAttribute(`${KEPT}style`) ?? "";
      for (const name of LOOKS) node.removeAttribute(KEPT + name);
      if (node.textContent.trim()) emphasise(node, style);
    }
  }

  // Other editors say bold by a style; what is pasted takes its meaning along, and not its fonts and colours.
  function emphasise(node, style) {
    for (const [tag, pattern] of [["b", /font-weight:\s*(?:bold|[6-9]00)/i], ["i", /font-style:\s*italic/i]]) {
      if (!pattern.test(style)) continue;
      const wrapper = node.ownerDocument.createElement(tag);
      wrapper.append(...node.childNodes);
      node.append(wrapper);
    }
  }

  return {
    // `isOurs`: it is the draft, not something pasted.
    nodes(html, isOurs) {
      isTrusted = isOurs;
      const fragment = DOMPurify.sanitize(renamed(html), {
        ALLOWED_TAGS: TAGS,
        ALLOWED_ATTR: [...ATTRIBUTES, KEPT_SOURCE, ...LOOKS.map((name) => KEPT + name)],
        // Declarations look like addresses of a foreign scheme.
        ADD_URI_SAFE_ATTR: [KEPT_SOURCE, ...LOOKS.map((name) => KEPT + name)],
        ALLOW_DATA_ATTR: false,
        ALLOW_ARIA_ATTR: false,
        RETURN_DOM_FRAGMENT: true,
      });
      if (!isOurs) withoutLooks(fragment);
      for (const image of fragment.querySelectorAll(`img:not([src], [${KEPT_SOURCE}])`)) image.replaceWith(image.alt);
      for (const link of fragment.querySelectorAll("a:not([href])")) link.replaceWith(...link.childNodes);
      return document.importNode(fragment, true);
    },

    // The way back, of what the editor holds; within tags only.
    html(kept) {
      return kept.replace(TAG, (tag) => tag.replaceAll(` ${KEPT}`, " "));
    },
  };
})();
