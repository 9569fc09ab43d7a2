"""What everybody must be able to do with a widget, measured: names, contrast, width."""

#: The least contrast of text and its ground (WCAG 2.2, level AA).
CONTRAST = 4.5

CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "slider",
    "textbox",
    "listbox",
    "option",
    "img",
    "image",
    "table",
    "progressbar",
    "radio",
}


def controls(locator):
    """Role and accessible name of everything in an element that has one of CONTROLS, as Chromium tells a screen reader."""
    session = locator.page.context.new_cdp_session(locator.page)
    mark = "data-posekit-test"
    locator.evaluate("(element, mark) => element.setAttribute(mark, '')", mark)
    root = session.send("Runtime.evaluate", {"expression": f"document.querySelector('[{mark}]')"})["result"]["objectId"]
    nodes = session.send("Accessibility.queryAXTree", {"objectId": root})["nodes"]
    locator.evaluate("(element, mark) => element.removeAttribute(mark)", mark)
    session.detach()
    found = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    return [(role.lower(), name) for role, name in found if role.lower() in CONTROLS]


def faint_texts(locator):
    """The texts in an element whose contrast with their background is under CONTRAST, each with its contrast. SVG is left out."""
    return locator.evaluate(
        """(root, least) => {
          const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
          const paint = (colors) => {  // one over the other, as the browser mixes them
            pen.clearRect(0, 0, 1, 1);
            for (const color of colors) { pen.fillStyle = color; pen.fillRect(0, 0, 1, 1); }
            return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const light = (rgb) => rgb
            .map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const faint = [];
          for (const element of root.querySelectorAll(":not(svg, svg *, option)")) {
            const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
            if (!text || !element.checkVisibility() || element.closest(".pk-sr, :disabled")) continue;
            const grounds = [];
            for (let e = element; e; e = e.parentElement) grounds.unshift(getComputedStyle(e).backgroundColor);
            const under = ["white", ...grounds];
            const [a, b] = [light(paint(under)), light(paint([...under, getComputedStyle(element).color]))];
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (contrast < least) faint.push([text, contrast]);
          }
          return faint;
        }""",
        CONTRAST,
    )


def sticks_out(locator):
    """By how many pixels the widest part of an element sticks out of it to the right."""
    return locator.evaluate(
        """(root) => {
          const right = root.getBoundingClientRect().right;
          const inside = [...root.querySelectorAll("*")].filter((e) => e.checkVisibility() && !e.closest(".pk-sr"));
          return Math.max(0, ...inside.map((e) => e.getBoundingClientRect().right - right));
        }"""
    )
