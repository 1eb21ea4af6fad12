"""Makes test/fixtures/pretrained: tiny checkpoints with random weights in the layout of Hugging Face, and what
transformers 5.24.0 with torch 2.15.0 (CPU, float32) computes from them: logits, gradients, a greedy continuation, and the
logits under an adapter of peft 0.21.2.

Usage: pip install torch==2.15.0 transformers==5.24.0 peft==0.21.2 safetensors==0.8.0
       python3 scripts/gold/checkpoints.py && npx biome check --write test/fixtures/pretrained
"""
import json, pathlib, shutil
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import (
    CLIPVisionConfig, CLIPVisionModel, Idefics3Config, Idefics3ForConditionalGeneration, LlamaConfig, LlamaForCausalLM,
    LlavaConfig, LlavaForConditionalGeneration, Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig, SiglipVisionModel,
    SmolVLMConfig, SmolVLMForConditionalGeneration,
)

root = pathlib.Path(__file__).parents[2] / "test/fixtures/pretrained"
torch.set_num_threads(1)
text = dict(
    vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
vision = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=3, image_size=16, patch_size=4)


def randomise(model, dtype):
    """Weights of the size that keeps activations near 1, so that logits are far from flat and every parameter matters."""
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape)
        if p.dim() > 1 and ("embed_tokens" in name or "position_embedding" in name):
            value = noise * (0.4 if "embed_tokens" in name else 0.5)
        elif p.dim() > 1:
            value = noise * (p[0].numel() ** -0.5) * 1.3
        elif name.endswith("bias") or "class_embedding" in name or "probe" in name:
            value = noise * 0.3
        else:
            value = 1 + noise * 0.2
        p.data.copy_(value.to(dtype).float())


def saved(name, model, dtype, **options):
    """Writes the checkpoint, and gives it as transformers reads it."""
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    model.to(dtype).save_pretrained(folder, **options)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return folder, type(model).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def write_gold(folder, model, tensors, facts, loss):
    loss.backward()
    gradients = {f"gradient:{n}": p.grad for n, p in model.named_parameters() if p.grad is not None}
    everything = {**tensors, **gradients, "loss": loss}
    save_file({n: t.detach().float().contiguous() for n, t in everything.items()}, folder / "gold.safetensors")
    (folder / "gold.json").write_text(json.dumps(facts) + "\n")
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{folder.name}: loss {loss.item():.3f}, {size / 1024:.0f} KiB")


def language(name, kind, config, dtype=torch.float32, image_token=None, tokens=0, seed=0, adapt=False, **options):
    torch.manual_seed(seed)
    model = kind(config)
    randomise(model, dtype)
    folder, model = saved(name, model, dtype, **options)
    ids = torch.randint(3, 90, (2, 20))
    inputs = {}
    if image_token is not None:
        # Two pictures in the first row, one in the second.
        for row, start in [(0, 2), (1, 3)]:
            ids[row, start : start + tokens] = image_token
        more = torch.randint(3, 90, (2, tokens + 2))
        more[0, 1 : 1 + tokens] = image_token
        ids = torch.cat([ids, more], 1)
        pixels = torch.randn(3, 3, 16, 16)
        inputs["pixel_values"] = pixels
    length = ids.shape[1]
    feed = dict(inputs)
    if "Idefics3" in kind.__name__ or "SmolVLM" in kind.__name__:
        # Rows of equally many pictures: a picture of zeros is padding.
        feed["pixel_values"] = torch.stack([pixels[:2], torch.stack([pixels[2], torch.zeros_like(pixels[2])])])
    logits = model(input_ids=ids, **feed).logits
    targets = [(b, t, ids[b, t + 1].item()) for b in range(2) for t in range(length - 1) if ids[b, t + 1] != image_token]
    rows = torch.stack([logits[b, t] for b, t, _ in targets])
    loss = torch.nn.functional.cross_entropy(rows, torch.tensor([y for _, _, y in targets]))
    prompt = ids[:1]
    if "pixel_values" in feed:
        one = {"pixel_values": feed["pixel_values"][:1] if feed["pixel_values"].dim() == 5 else pixels[:2]}
    else:
        one = {}
    # Greedy, without the cache and without stopping early.
    continued = prompt
    with torch.no_grad():
        for _ in range(8):
            best = model(input_ids=continued, **one).logits[:, -1].argmax(-1, keepdim=True)
            continued = torch.cat([continued, best], 1)
    tensors = {"logits": logits, **inputs}
    facts = {"ids": ids.tolist(), "targets": targets, "greedy": continued[0, length:].tolist()}
    write_gold(folder, model, tensors, facts, loss)
    if adapt:
        lora = LoraConfig(r=4, lora_alpha=12, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
        adapted = get_peft_model(model, lora).eval()
        for n, p in adapted.named_parameters():
            if "lora_" in n:
                p.data.copy_(torch.randn(p.shape) * 0.3)
        adapted.save_pretrained(folder / "adapter")
        (folder / "adapter/README.md").unlink(missing_ok=True)
        settings = folder / "adapter/adapter_config.json"
        config = json.loads(settings.read_text())
        config |= {"base_model_name_or_path": name, "target_modules": sorted(config["target_modules"])}
        settings.write_text(json.dumps(config) + "\n")
        logits = adapted(input_ids=ids).logits
        rows = torch.stack([logits[b, t] for b, t, _ in targets])
        loss = torch.nn.functional.cross_entropy(rows, torch.tensor([y for _, _, y in targets]))
        loss.backward()
        gradients = {f"gradient:{n}".replace(".default", ""): p.grad for n, p in adapted.named_parameters() if "lora_" in n}
        gold = {"logits": logits.detach(), "loss": loss.detach(), **gradients}
        save_file({n: t.contiguous() for n, t in gold.items()}, folder / "adapter/gold.safetensors")


def tower(name, kind, config, seed):
    torch.manual_seed(seed)
    model = kind(config)
    randomise(model, torch.float32)
    folder, model = saved(name, model, torch.float32)
    pixels = torch.randn(2, 3, 16, 16)
    output = model(pixel_values=pixels, output_hidden_states=True)
    weighting = torch.randn(output.last_hidden_state.shape)
    tensors = {"pixel_values": pixels, "weighting": weighting, "hidden": output.last_hidden_state}
    tensors["hidden-2"] = output.hidden_states[-2]
    write_gold(folder, model, tensors, {}, (output.last_hidden_state * weighting).sum())


llama3 = dict(
    rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=16,
)
language(
    "llama", LlamaForCausalLM,
    LlamaConfig(**text, head_dim=12, tie_word_embeddings=True, rms_norm_eps=1e-5, rope_parameters=llama3),
    seed=1, adapt=True,
)
language(
    "llama-sharded", LlamaForCausalLM,
    LlamaConfig(
        **{**text, "num_key_value_heads": 4}, attention_bias=True, mlp_bias=True, rms_norm_eps=1e-3,
        rope_parameters=dict(rope_type="linear", rope_theta=500.0, factor=2.0),
    ),
    dtype=torch.bfloat16, seed=2, max_shard_size="24KB",
)
language(
    "qwen2", Qwen2ForCausalLM,
    Qwen2Config(**text, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1000.0)),
    dtype=torch.float16, seed=3,
)
tower("clip", CLIPVisionModel, CLIPVisionConfig(**vision), seed=4)
tower("siglip", SiglipVisionModel, SiglipVisionConfig(**vision, vision_use_head=False), seed=5)
language(
    "llava", LlavaForConditionalGeneration,
    LlavaConfig(vision_config=CLIPVisionConfig(**vision), text_config=LlamaConfig(**text), image_token_index=95),
    image_token=95, tokens=16, seed=6,
)
language(
    "idefics3", Idefics3ForConditionalGeneration,
    Idefics3Config(vision_config=vision, text_config=dict(**text, model_type="llama"), image_token_id=95, scale_factor=2),
    image_token=95, tokens=4, seed=7,
)
language(
    "smolvlm", SmolVLMForConditionalGeneration,
    SmolVLMConfig(
        vision_config=vision, text_config=dict(**text, model_type="llama"), image_token_id=95, scale_factor=2,
        tie_word_embeddings=True,
    ),
    image_token=95, tokens=4, seed=8,
)
