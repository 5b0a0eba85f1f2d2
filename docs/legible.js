/** Finds text of the page that is cut off, lies upon other text, or makes the page too wide. */
() => {
  const SLACK = 2;
  const found = [];
  const said = (text) => text.trim().replace(/\s+/g, " ").slice(0, 80);

  /** Whether it is drawn for eyes: what is only read aloud, closed or clear is not. */
  const isDrawn = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) &&
    !element.closest("option, select, textarea, template, noscript, [data-may-be-cut]") &&
    !isForEars(element);

  function isForEars(element) {
    for (let one = element; one; one = one.parentElement) {
      const { width, height } = one.getBoundingClientRect();
      if (width <= 1 && height <= 1 && getComputedStyle(one).overflow !== "visible") return true;
    }
    return false;
  }

  /** The nearest layer that lies upon the others: a dialog, a bar that stays. */
  const layer = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (one.tagName === "DIALOG" || ["fixed", "sticky"].includes(getComputedStyle(one).position)) return one;
    }
    return null;
  };

  /** The box that cuts a text, if one does; what scrolls only hides. */
  function cutter(element, box) {
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      const edge = one.getBoundingClientRect();
      const isOut = {
        x: box.right > edge.right + SLACK || box.left < edge.left - SLACK,
        y: box.bottom > edge.bottom + SLACK || box.top < edge.top - SLACK,
      };
      if (isOut.x && ["hidden", "clip"].includes(style.overflowX)) return one;
      if (isOut.y && ["hidden", "clip"].includes(style.overflowY)) return one;
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) return null;
    }
    return null;
  }

  /** Looks at what the window shows now. */
  function look() {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      if (!node.textContent.trim() || !isDrawn(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width > 1 && box.height > 1) texts.push({ element, node, box, layer: layer(element) });
      }
    }

    for (const { element, node, box } of texts) {
      const by = cutter(element, box);
      // What is shortened on purpose (a long name in a row) has its whole text to be read elsewhere.
      if (by && !element.closest("[title]")) found.push(`cut: ${said(node.textContent)}`);
    }

    /** Whether nothing opaque lies upon the middle of a text, and nothing has scrolled it away. */
    function isShown({ element, box }) {
      for (const one of document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)) {
        if (one === element || element.contains(one)) return true;
        if (!one.contains(element) && isOpaque(one)) return false;
        if (one.contains(element)) return false; // its own place does not hold it
      }
      return false;
    }

    const isOpaque = (element) => {
      const colour = getComputedStyle(element).backgroundColor;
      return !/^rgba\(.*, 0(\.\d+)?\)$|^transparent$/.test(colour);
    };

    const inside = texts.filter(({ element, box }) => !cutter(element, box));
    for (const [place, one] of inside.entries()) {
      for (const other of inside.slice(place + 1)) {
        if (one.node === other.node || one.layer !== other.layer) continue;
        const x = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const y = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        const least = Math.min(one.box.height, other.box.height) / 3;
        if (x > SLACK && y > Math.max(SLACK, least) && isShown(one) && isShown(other)) {
          found.push(`upon each other: ${said(one.node.textContent)} | ${said(other.node.textContent)}`);
        }
      }
    }
  }

  const top = window.scrollY;
  for (let y = 0; y === 0 || (y < document.documentElement.scrollHeight && y < 10 * innerHeight); y += innerHeight) {
    window.scrollTo(0, y);
    look();
  }
  window.scrollTo(0, top);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth + 1) found.push(`too wide: ${scrollWidth} px of ${clientWidth}`);
  return [...new Set(found)];
}
