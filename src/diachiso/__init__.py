"""diachiso (địa chỉ số): the national digital address registry of Vietnam."""
