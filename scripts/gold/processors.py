"""Makes test/fixtures/processors: tokenizers and picture processors in the layout of Hugging Face for the tiny checkpoints of
checkpoints.py, and what transformers 5.24.0 with tokenizers 0.23.3 and Pillow 13.0.0 makes of conversations and pictures with
them: token ids, and pixels as bytes and as normalised numbers.

Usage: pip install torch==2.15.0 transformers==5.24.0 safetensors==0.8.0 pillow==13.0.0
       python3 scripts/gold/processors.py && npx biome check --write test/fixtures/processors
"""
import json, pathlib, shutil, string
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.idefics3.processing_idefics3 import Idefics3Processor
from transformers.models.llava.processing_llava import LlavaProcessor

root = pathlib.Path(__file__).parents[2] / "test/fixtures/processors"
shutil.rmtree(root, ignore_errors=True)
root.mkdir(parents=True)

LLAVA = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
    "{% if message['role'] != 'assistant' %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}"
    "{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}"
    "{% generation %}{{ content['text'] + ' '}}{% endgeneration %}{% endfor %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
SMOLVLM = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}"
    "{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
QWEN = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def bpe(specials, space, newline, merges, **options):
    """A tokenizer of 96 tokens: special ones first, characters, merges, and <image> last."""
    characters = [space, newline, *string.ascii_letters, *string.digits, *".,?:!"]
    tokens = [*specials, *characters]
    for left, right in merges:
        tokens.append(left + right)
    assert len(tokens) <= 95, len(tokens)
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, **options))
    return tokenizer


def finish(tokenizer, specials, image, **names):
    # Fillers, so that <image> is token 95 as in the checkpoints.
    while tokenizer.get_vocab_size() < 95:
        tokenizer.add_tokens([f"<unused{tokenizer.get_vocab_size()}>"])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in specials])
    if image:
        tokenizer.add_special_tokens([AddedToken("<image>", normalized=False, special=True)])
        assert tokenizer.token_to_id("<image>") == 95
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


merges = lambda s: [(s, "a"), (s, "t"), ("h", "e"), (s + "t", "he"), ("i", "s"), (s, "is"), ("r", "e"), ("r", "ed"), (s, "red")]
words = [("e", "d"), *merges("▁")]
llama = bpe(["<pad>", "<s>", "</s>", "<unk>"], "▁", "\n", words, unk_token="<unk>", fuse_unk=True)
llama.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
llama.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
llama.post_processor = processors.TemplateProcessing(
    single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
)
llava = LlavaProcessor(
    CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}),
    finish(llama, ["<pad>", "<s>", "</s>", "<unk>"], True, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"),
    patch_size=4, vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=LLAVA,
)


# The same words by the pre-tokenizer that newer conversions have: only the first text of a sequence begins with a blank.
spaced = bpe(["<pad>", "<s>", "</s>", "<unk>"], "▁", "\n", words, unk_token="<unk>", fuse_unk=True)
spaced.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
spaced.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="first", split=False)
spaced.post_processor = llama.post_processor
llava_metaspace = LlavaProcessor(
    llava.image_processor,
    finish(spaced, ["<pad>", "<s>", "</s>", "<unk>"], True, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"),
    patch_size=4, vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=LLAVA,
)


def bytes_bpe(specials):
    tokenizer = bpe(specials, "Ġ", "Ċ", [("e", "d"), *merges("Ġ")])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


names = ["<pad>", "<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>"]
smol = finish(
    bytes_bpe(names), names, True, bos_token="<|im_start|>", eos_token="<end_of_utterance>", pad_token="<pad>",
    extra_special_tokens={
        "fake_image_token": "<fake_token_around_image>", "image_token": "<image>", "end_of_utterance_token": "<end_of_utterance>",
        "global_image_token": "<global-img>",
    },
)
smolvlm = Idefics3Processor(
    Idefics3ImageProcessorPil(
        size={"longest_edge": 64}, max_image_size={"longest_edge": 16}, image_mean=[0.5] * 3, image_std=[0.5] * 3,
        do_image_splitting=False,
    ),
    smol, image_seq_len=4, chat_template=SMOLVLM,
)
chat = ["<pad>", "<|im_start|>", "<|im_end|>"]
qwen = finish(bytes_bpe(chat), chat, False, eos_token="<|im_end|>", pad_token="<pad>")
qwen.chat_template = QWEN

# Pictures of several shapes: coarse blocks with noise, so that filters overshoot.
random = np.random.default_rng(5)
pictures = []
(root / "pictures").mkdir()
for i, (width, height) in enumerate([(40, 24), (23, 37), (9, 9)]):
    blocks = random.integers(0, 2, (height // 4 + 1, width // 4 + 1, 3)) * 255
    pixels = np.kron(blocks, np.ones((4, 4, 1)))[:height, :width] * 0.8 + random.integers(0, 52, (height, width, 3))
    picture = Image.fromarray(pixels.astype(np.uint8))
    picture.save(root / f"pictures/{i}.png")
    pictures.append(picture)

text = lambda words: {"type": "text", "text": words}
image = {"type": "image"}
user = lambda *content: {"role": "user", "content": list(content)}
assistant = lambda words: {"role": "assistant", "content": [text(words)]}
conversations = [
    ([user(image, text("What is red?")), assistant("the car is red.")], [0]),
    ([user(image, image, text("Is it the same?")), assistant("No."), user(text("Why?")), assistant("One is\ntall.")], [1, 2]),
    ([user(text("Say a word")), assistant("car")], []),
]

for name, processor in [("llava", llava), ("llava-metaspace", llava_metaspace), ("smolvlm", smolvlm)]:
    folder = root / name
    processor.tokenizer.save_pretrained(folder)
    processor.image_processor.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(processor.chat_template)
    gold = []
    for messages, seen in conversations:
        whole = processor.apply_chat_template(messages)
        open_ = processor.apply_chat_template(messages[:-1], add_generation_prompt=True)
        images = [pictures[i] for i in seen]
        starts = whole.startswith(processor.tokenizer.bos_token)
        given = {} if not images else {"images": [images] if name == "smolvlm" else images}
        ids = [
            processor(text=[t], add_special_tokens=not starts, **given)["input_ids"][0] for t in (whole, open_)
        ]
        gold.append({"messages": messages, "pictures": seen, "ids": list(map(int, ids[0])), "prompt": list(map(int, ids[1]))})
    (folder / "gold.json").write_text(json.dumps(gold) + "\n")
    if name == "llava-metaspace":
        (folder / "preprocessor_config.json").unlink()
        continue
    tensors = {}
    for i, picture in enumerate(pictures):
        given = [[picture]] if name == "smolvlm" else picture
        pixels = processor.image_processor(given, return_tensors="pt")["pixel_values"]
        tensors[f"pixels.{i}"] = pixels.reshape(3, 16, 16).float().contiguous()
    save_file(tensors, folder / "gold.safetensors")

folder = root / "qwen2"
qwen.save_pretrained(folder)
said = [{"role": "system", "content": "be red"}, {"role": "user", "content": "What is the car?"}, {"role": "assistant", "content": "a red\ncar"}]
ids = [qwen(qwen.apply_chat_template(m, tokenize=False, add_generation_prompt=g))["input_ids"] for m, g in ((said, False), (said[:-1], True))]
(folder / "gold.json").write_text(json.dumps([{"messages": said, "pictures": [], "ids": ids[0], "prompt": ids[1]}]) + "\n")

# Pillow's filters by themselves: enlarged, shrunk, one of each, and shrunk in height by much more than in width.
tensors = {}
for filter in ["bilinear", "bicubic", "lanczos"]:
    for i, size in [(0, (64, 61)), (1, (5, 7)), (0, (7, 50)), (2, (9, 30)), (1, (20, 11)), (0, (50, 9))]:
        resized = pictures[i].resize(size, getattr(Image.Resampling, filter.upper()))
        tensors[f"{filter}.{i}.{size[0]}x{size[1]}"] = torch.from_numpy(np.asarray(resized).astype(np.float32))
save_file(tensors, root / "resample.safetensors")
for f in sorted(root.rglob("*")):
    if f.is_file():
        print(f.relative_to(root), f.stat().st_size)
