mod periods;
mod rendering;
