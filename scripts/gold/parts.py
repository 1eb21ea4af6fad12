"""Makes test/fixtures/processors/smolvlm-parts: what transformers 5.24.0 with tokenizers 0.23.3 and Pillow 13.0.0 makes of
pictures that it cuts into parts (`do_image_splitting`): rows and columns, squares, token ids, and the logits of the tiny SmolVLM
of checkpoints.py. Run it after checkpoints.py and processors.py, whose files it starts from.

Usage: pip install torch==2.15.0 transformers==5.24.0 safetensors==0.8.0 pillow==13.0.0
       python3 scripts/gold/parts.py && npx biome check --write test/fixtures/processors/smolvlm-parts
"""
import hashlib, json, pathlib, shutil
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import PreTrainedTokenizerFast, SmolVLMConfig, SmolVLMForConditionalGeneration
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.idefics3.processing_idefics3 import Idefics3Processor
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string

fixtures = pathlib.Path(__file__).parents[2] / "test/fixtures"
root = fixtures / "processors/smolvlm-parts"
shutil.rmtree(root, ignore_errors=True)
root.mkdir(parents=True)

# The tokenizer of the fixture, with marks of three rows and columns in the place of fillers; those of a fourth are no tokens.
json_ = json.loads((fixtures / "processors/smolvlm/tokenizer.json").read_text())
marks = [f"<row_{r}_col_{c}>" for r in (1, 2, 3) for c in (1, 2, 3)]
fillers = [token for token in json_["added_tokens"] if token["content"].startswith("<unused")]
for token, mark in zip(fillers, marks):
    json_["model"]["vocab"].pop(token["content"], None)
    token.update(content=mark, special=True, normalized=False)
(root / "tokenizer.json").write_text(json.dumps(json_) + "\n")
for name in ("tokenizer_config.json", "chat_template.jinja"):
    shutil.copy(fixtures / "processors/smolvlm" / name, root / name)
tokenizer = PreTrainedTokenizerFast.from_pretrained(root)


def processors(longest, side):
    sizes = dict(size={"longest_edge": longest}, max_image_size={"longest_edge": side})
    means = dict(image_mean=[0.5] * 3, image_std=[0.5] * 3)
    return [kind(**sizes, **means) for kind in (Idefics3ImageProcessorPil, SmolVLMImageProcessorPil)]


def picture(width, height):
    """A picture that tests draw by the same formula: no smooth place, and every channel another."""
    y, x, c = np.mgrid[:height, :width, :3]
    return Image.fromarray(((37 * x * x + 101 * y + 59 * c * x + 17 * x * y + 31 * (x // 5) * (y // 3)) % 256).astype(np.uint8))


# Smaller than a square, exactly one, wide, tall, large, odd, very thin. The sides 40 and 39 are no multiples of a square's.
shapes = [(9, 9), (16, 16), (40, 24), (23, 37), (90, 14), (13, 70), (150, 117), (33, 32), (31, 47), (200, 3)]
squares = []
for longest, side in [(64, 16), (40, 16), (39, 16), (16, 16), (10, 16)]:
    ours, theirs = processors(longest, side)
    for width, height in shapes:
        given = dict(do_rescale=False, do_normalize=False, return_row_col_info=True, return_tensors="np")
        out = ours([[picture(width, height)]], **given)
        same = theirs([[picture(width, height)]], **given)
        pixels = out["pixel_values"][0].transpose(0, 2, 3, 1).astype(np.uint8)
        assert (pixels == same["pixel_values"][0].transpose(0, 2, 3, 1)).all() and out["rows"] == same["rows"]
        assert pixels.shape[1:] == (side, side, 3) and (out["pixel_attention_mask"] == 1).all()
        squares.append({
            "longest": longest, "side": side, "size": [width, height], "rows": out["rows"][0][0], "columns": out["cols"][0][0],
            "sha256": [hashlib.sha256(square.tobytes()).hexdigest() for square in pixels],
            # The first pixels of the first part and of the whole, to see how far off a wrong one is.
            "first": pixels[0, 0, :4].reshape(-1).tolist(), "whole": pixels[-1, 0, :4].reshape(-1).tolist(),
        })


class Sizes(Idefics3ImageProcessorPil):
    """Gives the size of what would be resized, and computes no pixels."""

    def resize(self, image, size, resample=None, **kwargs):
        height, width = size.height, size.width
        if size.longest_edge:
            from transformers.models.idefics3.image_processing_pil_idefics3 import get_resize_output_image_size
            height, width = get_resize_output_image_size(image, resolution_max_side=size.longest_edge)
        return blank(width, height)


def blank(width, height):
    return np.broadcast_to(np.uint8(0), (3, height, width))


# Rows and columns alone, of many sizes, by the sizes of real checkpoints and by odd ones.
random = np.random.default_rng(11)
grids = []
for longest, side in [(2048, 512), (1536, 384), (1456, 364), (1820, 364), (4095, 512), (97, 16), (512, 512)]:
    sizes = Sizes(size={"longest_edge": longest}, max_image_size={"longest_edge": side})
    near = [(side * k + d, side * m + e) for k, m in ((1, 1), (4, 3), (2, 4)) for d, e in ((0, 0), (1, 0), (0, -1), (-1, 1))]
    far = [tuple(int(v) for v in np.exp(random.uniform(0, 9, 2)).astype(int) + 1) for _ in range(24)]
    for width, height in near + far:
        image = sizes.resize(blank(width, height), sizes._standardize_kwargs(size=sizes.size)["size"])
        image = sizes.resize_for_vision_encoder(image, side)
        _, rows, columns = sizes.split_images(image, {"longest_edge": side})
        grids.append([longest, side, width, height, rows, columns])

# Conversations: marks that are all tokens, some that are ordinary text, a picture without parts between two with.
text = lambda words: {"type": "text", "text": words}
image = {"type": "image"}
user = lambda *content: {"role": "user", "content": list(content)}
assistant = lambda words: {"role": "assistant", "content": [text(words)]}
cases = [
    (48, [(40, 24)], [user(image, text("What is red?")), assistant("the car is red.")]),
    (48, [(9, 9)], [user(text("Say a word"), image), assistant("car")]),
    (64, [(23, 37), (90, 14)], [user(image, image, text("Is it the same?")), assistant("No."), user(text("Why?")), assistant("One is\ntall.")]),
    (16, [(150, 117)], [user(image, text("What is red?")), assistant("car")]),
    (32, [(13, 70), (33, 32)], [user(image, text("a")), assistant("b"), user(text("Why? "), image), assistant("the same")]),
]
config = SmolVLMConfig.from_pretrained(fixtures / "pretrained/smolvlm")
config.text_config.max_position_embeddings = 512
model = SmolVLMForConditionalGeneration.from_pretrained(
    fixtures / "pretrained/smolvlm", config=config, dtype=torch.float32, attn_implementation="eager"
).eval()
torch.set_num_threads(1)
conversations, tensors = [], {}
for i, (longest, seen, messages) in enumerate(cases):
    ours, _ = processors(longest, 16)
    processor = Idefics3Processor(ours, tokenizer, image_seq_len=4, chat_template=(root / "chat_template.jinja").read_text())
    pictures = [picture(*size) for size in seen]
    whole, open_ = processor.apply_chat_template(messages), processor.apply_chat_template(messages[:-1], add_generation_prompt=True)
    given = [processor(text=[t], images=[pictures], add_special_tokens=False, return_tensors="pt") for t in (whole, open_)]
    # SmolVLM's own processor takes a package for videos; the text that it puts in the place of pictures is this.
    rows = [ours([[p]], return_row_col_info=True) for p in pictures]
    written = whole
    for row in rows:
        names = ("<fake_token_around_image>", "<IMG>", "<global-img>")
        written = written.replace("<image>", get_image_prompt_string(row["rows"][0][0], row["cols"][0][0], 4, *names), 1)
    ids = tokenizer(written.replace("<IMG>", "<image>"), add_special_tokens=False)["input_ids"]
    assert ids == given[0]["input_ids"][0].tolist()
    with torch.no_grad():
        out = model(input_ids=given[0]["input_ids"], pixel_values=given[0]["pixel_values"])
    tensors[f"logits.{i}"] = out.logits[0, -1].contiguous()
    conversations.append({
        "longest": longest, "sizes": seen, "messages": messages, "ids": ids, "prompt": given[1]["input_ids"][0].tolist(),
    })

processors(64, 16)[0].save_pretrained(root)
gold = {"squares": squares, "grids": grids, "conversations": conversations}
(root / "gold.json").write_text(json.dumps(gold) + "\n")
save_file(tensors, root / "gold.safetensors")
for f in sorted(root.rglob("*")):
    print(f.name, f.stat().st_size)
print([len(c["ids"]) for c in conversations], [(s["longest"], s["size"], s["rows"], s["columns"]) for s in squares])
