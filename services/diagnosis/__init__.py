"""Diagnosis by knowledge area: what a person is strong and weak in and what to take, and what a whole trade is (B11).

The cycle of the measures: 学习 → 能力验证 → 精准诊断 → 靶向训练 → 持续学习. Areas and trainings are data of the scheme file.
"""
