"""Photos that reach a page in other ways than by its button."""


def hand_over(page, event):
    """Drops a black picture, `from.elsewhere.png`, on the page, or pastes it: `event` is "drop" or "paste"."""
    page.evaluate(
        """async (event) => {
          const canvas = new OffscreenCanvas(64, 48);
          canvas.getContext("2d").fillRect(0, 0, 64, 48);
          const data = new DataTransfer();
          data.items.add(new File([await canvas.convertToBlob()], "from.elsewhere.png", { type: "image/png" }));
          const made = event === "drop" ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
          document.getElementById("drop").dispatchEvent(made);
        }""",
        event,
    )
