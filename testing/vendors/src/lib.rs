//! Strict local servers that check what vendors of pushes check, and answer as they answer.
