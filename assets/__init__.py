"""Files shipped with the application: demo clip, weights."""
